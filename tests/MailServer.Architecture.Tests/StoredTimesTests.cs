using System.Text.RegularExpressions;

namespace MailServer.Architecture.Tests;

/// <summary>
/// Every column that stores a time, with the test that shows that a clock which was years ahead and has been corrected does no lasting harm, or (after a
/// dash) why it decides nothing. A new time column needs a row in this table and a test.
/// </summary>
public sealed partial class StoredTimesTests
{
    private static readonly (string Column, string Held)[] Known =
    [
        ("bans.since", "Bans_and_locks_set_by_a_clock_ten_years_ahead_end_once_the_clock_is_corrected"),
        ("bans.until", "Bans_and_locks_set_by_a_clock_ten_years_ahead_end_once_the_clock_is_corrected"),
        ("network_rules.since", "Rules_for_networks_set_by_a_clock_ten_years_ahead_end_once_the_clock_is_corrected"),
        ("network_rules.until", "Rules_for_networks_set_by_a_clock_ten_years_ahead_end_once_the_clock_is_corrected"),
        ("invitations.created_at", "An_invitation_of_a_clock_ten_years_ahead_has_expired"),
        ("invitations.expires_at", "An_invitation_of_a_clock_ten_years_ahead_has_expired"),
        ("queue_pauses.since", "- display only"),
        ("invitations.used_at", "- whether it is set decides, not when"),
        ("page_sessions.started_at", "A_stored_session_of_a_clock_ten_years_ahead_has_ended"),
        ("page_sessions.last_used_at", "A_stored_session_of_a_clock_ten_years_ahead_has_ended"),
        ("greylist.first", "Entries_made_by_a_clock_ten_years_ahead_do_not_delay_mail_once_the_clock_is_corrected"),
        ("greylist.last", "Entries_made_by_a_clock_ten_years_ahead_do_not_delay_mail_once_the_clock_is_corrected"),
        ("sent.hour", "Entries_made_by_a_clock_ten_years_ahead_do_not_delay_mail_once_the_clock_is_corrected"),
        ("contacts.last", "Entries_of_a_clock_that_was_ahead_are_removed_and_contacts_stay"),
        ("marks.expires", "Marks_left_by_a_clock_ten_years_ahead_do_not_count_once_it_is_corrected"),
        ("policies.fetched", "A_policy_fetched_by_a_clock_ten_years_ahead_is_fetched_again"),
        ("policies.asked", "A_policy_fetched_by_a_clock_ten_years_ahead_is_fetched_again"),
        ("policies.expires", "A_policy_fetched_by_a_clock_ten_years_ahead_is_fetched_again"),
        ("credentials.totp_last_step", "A_code_used_while_the_clock_was_ahead_does_not_lock_the_account"),
        ("locks.until", "Locks_and_subscriptions_made_by_a_wrong_clock_do_not_last_for_years"),
        ("subscriptions.expires", "Locks_and_subscriptions_made_by_a_wrong_clock_do_not_last_for_years"),
        ("points.at", "Old_points_of_the_ring_and_points_of_a_wrong_clock_are_not_shown"),
        ("observed.day", "Days_recorded_by_a_wrong_clock_are_removed"),
        ("policies.day", "Days_recorded_by_a_wrong_clock_are_removed"),
        ("app_passwords.expires_at", "An_app_password_made_by_a_clock_ten_years_ahead_has_expired"),
        ("app_passwords.last_used_at", "- display only; overwritten if in the future"),
        ("journal.created", "- decides nothing: events are read by number"), ("snapshot.created", "- decides nothing: snapshots are chosen by number"),
        ("outgoing.created", "- a scheduling message of unknown age ends by its number of attempts"),
        // Times of past events, for display and sorting.
        ("accounts.created_at", "- display only"), ("app_passwords.created_at", "- display only"), ("domains.created_at", "- display only"), ("lists.created_at", "- display only"),
        ("events.at", "- display only; also limited in number"), ("notices.at", "- display only; also limited in number"),
        ("steps.at", "- display only; also limited in number"), ("messages.last", "- also limited in number"),
        ("collections.created", "- display only"), ("links.created", "- display only"), ("resources.created", "- display only"), ("resources.modified", "- display only"),
        ("resources.first", "- from the calendar object"), ("resources.last", "- from the calendar object"), ("scheduled.stamp", "- from the calendar object"),
        ("messages.date", "- from the message"), ("messages.sent_day", "- from the message"), ("messages.saved", "- display only"),
        ("folders.cur_time", "- the file system time of the folder, compared for equality"),
        ("received.at", "- display only; also limited in number"), ("received.since", "- from a received report"), ("received.until", "- from a received report"),
        ("sent.at", "- display only; also limited in number"), ("sent.day", "- display only"), ("sent.until", "- display only"),
    ];

    [Fact]
    public void Every_time_column_is_listed_with_the_effect_of_a_wrong_clock()
    {
        var found = SourceTree.SourceFiles.Where(static f => f.StartsWith("src/MailServer.Storage/", StringComparison.Ordinal))
            .SelectMany(static f => Columns(SourceTree.Read(f))).Distinct().Order(StringComparer.Ordinal).ToArray();
        Assert.True(found.Length > 30, "the schemas were not found");
        var known = Known.Select(static k => k.Column).ToHashSet(StringComparer.Ordinal);
        Violations.AssertNone(found.Where(f => !known.Contains(f)));
        Violations.AssertNone(known.Where(k => !found.Contains(k)).Select(static k => $"{k} is in the table and in no schema"));
    }

    [Fact]
    public void Every_test_named_in_the_table_exists()
    {
        var tests = SourceTree.TrackedFiles.Where(static f => f.StartsWith("tests/", StringComparison.Ordinal) && f.EndsWith("Tests.cs", StringComparison.Ordinal))
            .Select(SourceTree.Read).ToArray();
        Violations.AssertNone(Known.Select(static k => k.Held).Where(static h => !h.StartsWith('-')).Distinct()
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
