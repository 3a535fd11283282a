from tests.journeys.test_main_journey import *  # noqa
from tests.journeys.test_main_journey import Journey, device, server, story  # noqa
import pytest
del test_from_the_spreadsheet_to_a_certificate_and_to_its_revocation  # noqa

@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_tmp(server, story, device, tmp_path):
    journey = Journey(server, story, device, tmp_path)
    journey._read_reports = lambda texts, **k: print(texts, k)
    journey.form_team()
    journey.hand_over()
    journey.measure()
