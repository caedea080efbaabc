# relcli on a CPU; Dockerfile.cuda is the one for GPUs. How to build and use it: docs/start.md.
FROM python:3.11-slim AS build
RUN apt-get update && apt-get install --yes --no-install-recommends git && rm -rf /var/lib/apt/lists/*
COPY . /src
# The checkout belongs to another user, and git describes it for relcli --version.
RUN git config --global --add safe.directory /src \
    && pip wheel --no-cache-dir --no-deps --wheel-dir /dist /src

FROM python:3.11-slim
COPY constraints.txt /tmp/constraints.txt
COPY --from=build /dist /dist
# torch for CPUs comes from PyTorch's own index: a tenth of the one with CUDA.
RUN wheel="$(ls /dist/relcli-*.whl)" \
    && pip install --no-cache-dir --extra-index-url https://download.pytorch.org/whl/cpu \
        --constraint /tmp/constraints.txt "relcli[all] @ file://$wheel" \
    && rm -r /dist /tmp/constraints.txt
# Whoever runs it (docker run --user) can write these; models are kept in /cache, warehouses under /work.
ENV HOME=/tmp HF_HOME=/cache MPLCONFIGDIR=/tmp/matplotlib
RUN mkdir -m 1777 /cache /work
WORKDIR /work
ENTRYPOINT ["relcli"]
CMD ["--help"]
