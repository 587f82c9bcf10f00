"""The mistakes: commands and snippets that run in the folder `inputs`, by what they are about."""

from __future__ import annotations

from typing import NamedTuple


class Mistake(NamedTuple):
    """Something that people do.

    Attributes:
        what: what is wrong with it, in words.
        run: the command, without `pyclingo-bridge`, or for a snippet its lines of Python.
        lacks: packages that are not there.
    """

    what: str
    run: str
    lacks: tuple[str, ...] = ()


COMMANDS = (
    Mistake("a misspelled command", "decid case.json"),
    Mistake("a file and no command", "case.json"),
    Mistake("a misspelled option", "decide --polcy label case.json"),
    Mistake("an option before its command", "--policy label decide case.json"),
    Mistake("no case at all", "decide"),
    Mistake("an option without its value", "decide case.json --policy"),
    Mistake("a word for a number", "decide --first ten case.json"),
    Mistake("a number that is too small", "missing --sample 0 case.json"),
    Mistake("a word that is no choice", "explain --format markdwon case.json"),
    Mistake("an argument too few", "batch rows.csv"),
    Mistake("an argument too many", "batch rows.csv out.csv more.csv"),
    Mistake("two options of which one is enough", "missing --count --sample 3 case.json"),
    Mistake("one policy and a folder of policies", "decide --policy label --policies . case.json"),
    Mistake("standard input, twice", "decide - -"),
    Mistake("a misspelled limit", "decide --limit document=5 case.json"),
    Mistake("a limit of none", "decide --limit documents=0 case.json"),
    Mistake("an answer that has no schema", "schema missng"),
    Mistake("nothing to change", "what-if case.json"),
    Mistake("a change without a value", "what-if case.json --set age"),
    Mistake("a change of an unknown attribute", "what-if case.json --set kras=true"),
    Mistake("a word for a number in a change", "what-if case.json --set age=old"),
    Mistake("one attribute, set to two values", "what-if case.json --set age=17 --set age=18"),
    Mistake("a document that is not there", "what-if case.json --without-document ngs-2"),
    Mistake("a range that is none", "what-if case.json --sweep age=17-19"),
    Mistake("a document file that is not there", "what-if case.json --add-document ngs.json"),
)

FILES = (
    Mistake("a misspelled file name", "decide cases.json"),
    Mistake("a folder that is not there", "decide requests/one.json"),
    Mistake("an empty file", "decide empty.json"),
    Mistake("a comma too many", "decide trailing_comma.json"),
    Mistake("a comma too few", "decide missing_comma.json"),
    Mistake("single quotes", "decide single_quotes.json"),
    Mistake("a name without quotes", "decide name_without_quotes.json"),
    Mistake("a comment", "decide comment.json"),
    Mistake("`True`, as Python writes it", "decide python_true.json"),
    Mistake("a number with a zero in front", "decide leading_zero.json"),
    Mistake("a quote that is not closed", "decide open_quote.json"),
    Mistake("a file that was cut off", "decide cut_off.json"),
    Mistake("UTF-16, as some editors save it", "decide utf_16.json"),
    Mistake("an accent in an old encoding", "decide latin_1.json"),
    Mistake("two cases, one behind the other", "decide two_cases.json"),
    Mistake("a case in brackets", "decide list_of_one.json"),
    Mistake("a list of cases", "decide list_of_two.json"),
    Mistake("a document in the place of a case", "decide a_document.json"),
    Mistake("a decision in the place of a case", "decide decision.json"),
    Mistake("a plan file in the place of a case", "decide plan.json"),
    Mistake("a case in the place of a plan file", "decide --plan case.json case.json"),
)

CASES = (
    Mistake("a key given twice", "decide key_twice.json"),
    Mistake("a misspelled key", "decide key_misspelled.json"),
    Mistake("a key of the form in a document", "decide form_key_in_document.json"),
    Mistake("a statement on the form", "decide document_key_in_form.json"),
    Mistake("a statement beside `states`", "decide attribute_beside_states.json"),
    Mistake("a form that is half empty", "decide form_half_empty.json"),
    Mistake('`"960"` for 960', "decide number_in_quotes.json"),
    Mistake("a number with its unit", "decide number_with_unit.json"),
    Mistake("960.0 for 960", "decide number_with_fraction.json"),
    Mistake('`"yes"` for `true`', "decide yes_for_true.json"),
    Mistake("`null` for what is not known", "decide null_for_unknown.json"),
    Mistake("a drug that is in no list", "decide drug_not_in_a_list.json"),
    Mistake("`none` in a list of drugs", "decide no_drug.json"),
    Mistake("a list where one word belongs", "decide choice_in_a_list.json"),
    Mistake("a document without a date", "decide document_without_date.json"),
    Mistake("a date as Americans write it", "decide american_date.json"),
    Mistake("a day that no calendar has", "decide no_such_day.json"),
    Mistake("a date with a time", "decide date_with_time.json"),
    Mistake("a date without quotes", "decide date_as_number.json"),
    Mistake("an unknown type of document", "decide document_type.json"),
    Mistake("a misspelled type of document", "decide document_type_misspelled.json"),
    Mistake("a misspelled attribute", "decide attribute_misspelled.json"),
    Mistake("an unknown attribute", "decide attribute_unknown.json"),
    Mistake("a diagnosis in capitals", "decide diagnosis_in_capitals.json"),
    Mistake("a code that stands for nothing", "decide code_of_nothing.json"),
    Mistake("an unknown line of business", "decide line_of_business.json"),
    Mistake("a dose of zero", "decide dose_of_zero.json"),
    Mistake("an age below zero", "decide age_out_of_bounds.json"),
    Mistake("a range upside down", "decide range_upside_down.json"),
    Mistake("one id for two documents", "decide id_twice.json"),
    Mistake("a document that replaces one that is not there", "decide replaces_nothing.json"),
    Mistake("a request for another drug", "decide other_drug.json"),
    Mistake("several mistakes in one file", "decide several.json"),
    Mistake("a misspelled attribute in a plan file", "decide --plan plan_misspelled.json case.json"),
    Mistake("a period that ends before it begins", "decide --plan plan_period.json case.json"),
)

POLICIES = (
    Mistake("a misspelled policy", "decide --policy lable case.json"),
    Mistake("an unknown policy", "decide --policy cp_phar_594 case.json"),
    Mistake("a folder without a policy", "decide --policy no_policy case.json"),
    Mistake("a folder of policies in the place of one", "decide --policy . case.json"),
    Mistake("a policy's file in the place of its folder", "decide --policy policy_good/policy.lp case.json"),
    Mistake("policies in a folder that is not there", "decide --policies policys case.json"),
    Mistake("a misspelled ambiguity", "decide --interpret prior_therapy_scop=appendix_b case.json"),
    Mistake("a misspelled interpretation", "decide --interpret prior_therapy_scope=apendix_b case.json"),
    Mistake("an interpretation without a value", "decide --interpret prior_therapy_scope case.json"),
    Mistake("a word that policies do not have", "decide --policy policy_word case.json"),
    Mistake("a misspelled requirement", "decide --policy policy_requirement case.json"),
    Mistake("a misspelled attribute in a policy", "decide --policy policy_attribute case.json"),
    Mistake("a misspelled value in a policy", "decide --policy policy_value case.json"),
    Mistake("a criterion that is not declared", "decide --policy policy_criterion case.json"),
    Mistake("a criterion without its place in the source", "decide --policy policy_locator case.json"),
    Mistake("a quote that is not closed in a policy", "decide --policy policy_quote case.json"),
    Mistake("a statement without its period", "decide --policy policy_period case.json"),
    Mistake("a number in quotes in a policy", "decide --policy policy_number_in_quotes case.json"),
    Mistake("a value that begins with a capital", "decide --policy policy_capital case.json"),
    Mistake("an include of a file that is not there", "decide --policy policy_include case.json"),
)

TABLES = (
    Mistake("a misspelled column", "batch column_misspelled.csv out.csv"),
    Mistake("no column of ids", "batch column_missing.csv out.csv"),
    Mistake("a column that is there twice", "batch column_twice.csv out.csv"),
    Mistake("semicolons between the cells", "batch semicolons.csv out.csv"),
    Mistake("a quote that is not closed in the header", "batch quote_not_closed.csv out.csv"),
    Mistake("a bad row, where none may be", "batch --strict bad_row.csv out.csv"),
    Mistake("an input that is not there", "batch row.csv out.csv"),
    Mistake("an output in a folder that is not there", "batch rows.csv answers/out.csv"),
    Mistake("an output that is the input", "batch rows.csv rows.csv"),
    Mistake("an output that is there already", "batch rows.csv column_twice.csv"),
    Mistake("a name that tells no format", "batch rows.csv out.xlsx"),
    Mistake("an extra that is not installed", "batch rows.csv out.csv", ("pyarrow",)),
    Mistake("a picture of another kind", "impact rows.csv --from label --to cp_phar_549 --plot out.gif"),
)

SNIPPETS = (
    Mistake("a case's JSON that is none", """Case.from_json("{'id': 'one'}")"""),
    Mistake("JSON by the method of pydantic", """Case.model_validate_json('{"id": "one"}')"""),
    Mistake("data by the method of pydantic", """Case.model_validate(["one"])"""),
    Mistake("fields of a case", """Case(id=1, request={}, documents=[])"""),
    Mistake("a file that is not there", """Case.load("cases.json")"""),
    Mistake("a plan file that is none", """PlanFacts.load("case.json")"""),
    Mistake("a policy that is not there", """Policy.load("cp_phar_594")"""),
    Mistake("interpretations in a list", """Policy.load("label", interpretations=["generic=first"])"""),
    Mistake("an engine that is not there", """Policy.load("label", judged_by="clasp")"""),
    Mistake("a folder that is not there", """Catalogue.load("policys")"""),
    Mistake("a file's name in the place of a case", """policy.decide("case.json")"""),
    Mistake("a misspelled kind of change", """Changes(sett={"age": 17})"""),
    Mistake("a change of the wrong type", """Changes(unset="age")"""),
    Mistake("a misspelled attribute in a change", """policy.what_if(case, {"oncology_perscriber": True})"""),
    Mistake("a change to a value that cannot be", """policy.what_if(case, {"set": {"age": -1}})"""),
    Mistake("a list of rows in the place of a table", """policy.decide_batch([{"id": "one"}])"""),
    Mistake(
        "an unknown column of a table",
        """policy.decide_batch(pyarrow.table({"id": ["one"], "age_years": [64]}))""",
    ),
)

GROUPS: tuple[tuple[str, tuple[Mistake, ...]], ...] = (
    ("On the command line", COMMANDS),
    ("Files, and what is in them", FILES),
    ("Cases", CASES),
    ("Policies", POLICIES),
    ("Many cases at once", TABLES),
    ("In Python", SNIPPETS),
)
"""All mistakes, by heading."""
