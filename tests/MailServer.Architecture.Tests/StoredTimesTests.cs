using System.Text.RegularExpressions;

namespace MailServer.Architecture.Tests;

/// <summary>
/// Every column that holds a time, with the test that shows that a clock which was years ahead and is right again leaves no harm in it, or (after a
/// dash) why it decides nothing. A new column of a time comes into this table with its test.
/// </summary>
public sealed partial class StoredTimesTests
{
    private static readonly (string Column, string Held)[] s_known =
    [
        ("bans.since", "Bans_and_locks_of_a_clock_that_was_ten_years_ahead_end_when_it_is_right_again"),
        ("bans.until", "Bans_and_locks_of_a_clock_that_was_ten_years_ahead_end_when_it_is_right_again"),
        ("greylist.first", "What_a_clock_ten_years_ahead_has_noted_holds_up_no_mail_when_it_is_right_again"),
        ("greylist.last", "What_a_clock_ten_years_ahead_has_noted_holds_up_no_mail_when_it_is_right_again"),
        ("sent.hour", "What_a_clock_ten_years_ahead_has_noted_holds_up_no_mail_when_it_is_right_again"),
        ("contacts.last", "Entries_of_a_clock_that_was_ahead_are_forgotten_and_contacts_stay"),
        ("policies.fetched", "A_policy_that_a_clock_ten_years_ahead_has_fetched_is_fetched_again_when_it_is_right"),
        ("policies.asked", "A_policy_that_a_clock_ten_years_ahead_has_fetched_is_fetched_again_when_it_is_right"),
        ("policies.expires", "A_policy_that_a_clock_ten_years_ahead_has_fetched_is_fetched_again_when_it_is_right"),
        ("credentials.totp_last_step", "A_code_that_was_used_while_the_clock_was_ahead_shuts_nobody_out"),
        ("locks.until", "Locks_and_subscriptions_that_a_wrong_clock_made_do_not_last_for_years"),
        ("subscriptions.expires", "Locks_and_subscriptions_that_a_wrong_clock_made_do_not_last_for_years"),
        ("observed.day", "Days_that_a_wrong_clock_noted_are_forgotten"),
        ("policies.day", "Days_that_a_wrong_clock_noted_are_forgotten"),
        ("app_passwords.last_used_at", "- shown; noted again when it lies ahead"),
        ("outgoing.created", "- the number of attempts ends a scheduling message whose age cannot be told"),
        // Of things that happened, for people and for sorting.
        ("accounts.created_at", "- shown"), ("app_passwords.created_at", "- shown"), ("domains.created_at", "- shown"),
        ("events.at", "- shown; bounded by number as well"), ("steps.at", "- shown; bounded by number as well"), ("messages.last", "- bounded by number as well"),
        ("collections.created", "- shown"), ("links.created", "- shown"), ("resources.created", "- shown"), ("resources.modified", "- shown"),
        ("resources.first", "- of the calendar object"), ("resources.last", "- of the calendar object"), ("scheduled.stamp", "- of the calendar object"),
        ("messages.date", "- of the message"), ("messages.sent_day", "- of the message"), ("messages.saved", "- shown"),
        ("folders.cur_time", "- of the folder as the file system has it, compared for equality"),
        ("received.at", "- shown; bounded by number as well"), ("received.since", "- of another's report"), ("received.until", "- of another's report"),
        ("sent.at", "- shown; bounded by number as well"), ("sent.day", "- shown"), ("sent.until", "- shown"),
    ];

    [Fact]
    public void Every_column_of_a_time_is_known_with_what_a_wrong_clock_does_to_it()
    {
        var found = SourceTree.SourceFiles.Where(static f => f.StartsWith("src/MailServer.Storage/", StringComparison.Ordinal))
            .SelectMany(static f => Columns(SourceTree.Read(f))).Distinct().Order(StringComparer.Ordinal).ToArray();
        Assert.True(found.Length > 30, "the schemas were not found");
        var known = s_known.Select(static k => k.Column).ToHashSet(StringComparer.Ordinal);
        Found.Nothing(found.Where(f => !known.Contains(f)));
        Found.Nothing(known.Where(k => !found.Contains(k)).Select(static k => $"{k} is in the table and in no schema"));
    }

    [Fact]
    public void Every_test_that_the_table_names_is_there()
    {
        var tests = SourceTree.TrackedFiles.Where(static f => f.StartsWith("tests/", StringComparison.Ordinal) && f.EndsWith("Tests.cs", StringComparison.Ordinal))
            .Select(SourceTree.Read).ToArray();
        Found.Nothing(s_known.Select(static k => k.Held).Where(static h => !h.StartsWith('-')).Distinct()
            .Where(h => !tests.Any(t => t.Contains(h + "(", StringComparison.Ordinal))));
    }

    private static IEnumerable<string> Columns(string source) =>
        from table in Table().Matches(source).Concat(Added().Matches(source))
        from column in Column().Matches(table.Groups["columns"].Value)
        let name = column.Groups["name"].Value
        where Time().IsMatch(name)
        select $"{table.Groups["table"].Value}.{name}";

    [GeneratedRegex(@"CREATE TABLE (IF NOT EXISTS )?(?<table>\w+) \((?<columns>.*?)\)\s*(WITHOUT ROWID|STRICT|;|\n\s*"""""")", RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Table();

    [GeneratedRegex(@"ALTER TABLE (?<table>\w+) ADD COLUMN (IF NOT EXISTS )?(?<columns>\w+ \w+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Added();

    [GeneratedRegex(@"(^|,|\()\s*(--[^\n]*\n\s*)*(?<name>\w+) (INTEGER|bigint)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Column();

    [GeneratedRegex(@"(^|_)(at|since|until|expires|asked|fetched|first|last|hour|day|step|created|modified|date|saved|time|stamp|used|due|next)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Time();
}
