"""The resident model behind somebody's own questions: loaded once, started again after a crash."""

import os
import signal

import pytest

from relcli.warehouse.opening import connect
from tests.cli.chat_server import MODEL, chat_server


async def ask(driver, words: str):
    """Type a question and wait for its answer."""
    await driver.press("a")
    await driver.write(words)
    await driver.press("enter")
    job = driver.app.jobs.jobs[-1]
    while job.active:
        await driver.pilot.pause(0.05)
    await driver.settle()
    return job


@pytest.fixture
def tiny_run(warehouse, tiny_model):
    with connect(warehouse, read_only=False) as connection:
        connection.execute("UPDATE run SET model = ?, revision = NULL, dtype = 'float32'", [str(tiny_model)])
    return warehouse


@pytest.mark.slow
async def test_the_model_is_loaded_once_and_started_again_after_a_crash(drive, tiny_run):
    async with drive(tiny_run, "4") as driver:
        model = driver.app.model
        assert model.state == "off" and not driver.screen.query_one("StatusBar").has_class("-shown")
        assert (await ask(driver, "is it red")).state == "done"
        first = model.pid
        assert driver.screen._question.run is None and model.state == "ready"
        assert "loaded" in driver.text("StatusBar")
        assert (await ask(driver, "is it blue")).state == "done" and model.pid == first
        assert driver.screen._question.stem == "is it blue"
        os.kill(first, signal.SIGKILL)
        while model.state != "off":
            await driver.pilot.pause(0.02)
        assert (await ask(driver, "is it green")).state == "done"
        assert model.pid not in (None, first) and driver.screen._question.stem == "is it green"
        last = model.pid
    with pytest.raises(ProcessLookupError):
        os.kill(last, 0)


@pytest.mark.slow
async def test_a_model_that_cannot_be_loaded_is_said_in_a_sentence(drive, tiny_run):
    with connect(tiny_run, read_only=False) as connection:
        connection.execute("UPDATE run SET model = './nowhere'")
    async with drive(tiny_run, "4") as driver:
        job = await ask(driver, "is it red")
        assert job.state == "failed" and "nowhere" in job.sentence


@pytest.mark.slow
async def test_the_question_of_a_run_behind_a_server_goes_to_that_server(drive, warehouse):
    with chat_server() as server:
        with connect(warehouse, read_only=False) as connection:
            connection.execute(
                "UPDATE run SET model = ?, revision = ?, device = 'endpoint', model_path = ?, dtype = NULL",
                [MODEL, MODEL, f"{server.url}/v1"],
            )
        async with drive(warehouse, "4") as driver:
            job = await ask(driver, "is there a red circle")
            assert job.state == "done", job.sentence
            asked = [each.text for each in server.asked if not each.trial]
            assert len(asked) == 1 and asked[0].startswith("Is there a red circle?")
            assert driver.screen._question.answers["raw"].answer and not driver.screen._question.maps
