-- An end of the 95% interval of a mean over questions that stand in scenes, those of a scene allowed to agree: lower for side
-- -1, upper for 1; `moments` as scene_moments gives them. Student's t on the clustered error of a ratio of sums (Cameron &
-- Miller, Journal of Human Resources 50, 2015). Coverage: tests/sql/test_scene_means.py.
CREATE OR REPLACE MACRO scene_mean_end(moments, side) AS
    CASE WHEN moments.scenes > 1 THEN
        moments.total / moments.n + side * t_quantile(moments.scenes - 1) / moments.n
            * sqrt(moments.scenes / (moments.scenes - 1) * greatest(0, moments.tt
                - 2 * moments.total / moments.n * moments.nt + (moments.total / moments.n) ^ 2 * moments.nn))
    END;
COMMENT ON MACRO scene_mean_end IS 'An end (side -1 or 1) of the 95% interval of a mean over questions, those of a scene allowed to agree, from scene_moments; NULL below two scenes.';
