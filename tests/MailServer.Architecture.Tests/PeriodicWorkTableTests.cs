using System.Text.RegularExpressions;

namespace MailServer.Architecture.Tests;

/// <summary>
/// Every timer and every pause in a loop of the server, with the limit on its failures. A new one uses <c>PeriodicWork</c>, <c>BackoffRunner</c> or
/// <c>BackOff</c>, and gets a row in this table with its test, or with the reason why it needs none.
/// </summary>
public sealed partial class PeriodicWorkTableTests
{
    /// <summary>Files, the number of timers in each, and a test of their back-off or (after a dash) why none is needed.</summary>
    private static readonly (string File, int Timers, string Held)[] Known =
    [
        ("MailServer.Domain/Timing/PeriodicWork.cs", 1, "A_failure_of_any_type_backs_off"),
        // Run by PeriodicWork.
        ("MailServer.Network/Certificates/FileCertificateSource.cs", 1, "A_failure_of_any_type_backs_off"),
        ("MailServer.Network/Certificates/SelfSignedCertificateSource.cs", 1, "A_failure_of_any_type_backs_off"),
        ("MailServer.Network/MtaSts/MtaStsPolicies.cs", 1, "A_failure_of_any_type_backs_off"),
        ("MailServer.Network/Listeners/HeapTrimmer.cs", 1, "A_failure_of_any_type_backs_off"),
        ("MailServer.Web/Pages/ActivityHistory.cs", 1, "A_failure_of_any_type_backs_off"),
        ("MailServer/Hosting/DataDirectoryMonitor.cs", 1, "A_failure_of_any_type_backs_off"),
        ("MailServer/Hosting/ClockMonitor.cs", 1, "A_failure_of_any_type_backs_off"),
        ("MailServer/Hosting/DkimKeyMonitor.cs", 1, "A_failure_of_any_type_backs_off"),
        ("MailServer/Hosting/HealthDigest.cs", 1, "A_failure_of_any_type_backs_off"),
        ("MailServer/Hosting/RecentWarnings.cs", 1, "A_failure_of_any_type_backs_off"),
        ("MailServer/Diagnostics/HealthMonitor.cs", 2, "A_failed_or_endless_check_is_a_finding_and_hides_no_other"),
        // Ticks of actors and loops, with BackoffRunner or BackOff.
        ("MailServer.Actors/Reports/ReportsActor.cs", 4, "Ticks_of_an_actor_are_ignored_while_a_failure_backs_off"),
        ("MailServer.Actors/History/HistoryActor.cs", 2, "Ticks_of_an_actor_are_ignored_while_a_failure_backs_off"),
        ("MailServer.Actors/Mailboxes/ForeignFileScan.cs", 1, "Ticks_of_an_actor_are_ignored_while_a_failure_backs_off"),
        ("MailServer.Actors/Tracing/MessageTrace.cs", 2, "Ticks_of_an_actor_are_ignored_while_a_failure_backs_off"),
        ("MailServer.Actors/Certificates/CertificateActor.cs", 1, "Every_failed_order_is_retried_after_a_pause"),
        ("MailServer.Actors/Certificates/CertificateProxyActor.cs", 3, "Pauses_double_up_to_a_limit_and_start_over_after_a_success"),
        ("MailServer.Actors/Access/AuditWriter.cs", 1, "Pauses_double_up_to_a_limit_and_start_over_after_a_success"),
        ("MailServer.Actors/Scheduling/SchedulingMessageActor.cs", 1, "Pauses_double_up_to_a_limit_and_start_over_after_a_success"),
        ("MailServer.Actors/Entities/AccountStoreActor.cs", 2, "Pauses_double_up_to_a_limit_and_start_over_after_a_success"),
        ("MailServer.Actors/Cluster/SingletonHostActor.cs", 1, "Pauses_double_up_to_a_limit_and_start_over_after_a_success"),
        ("MailServer.Storage/Postgres/ChangeListener.cs", 1, "Pauses_double_up_to_a_limit_and_start_over_after_a_success"),
        ("MailServer.Network/Listeners/SocketListener.cs", 1, "Pauses_double_up_to_a_limit_and_start_over_after_a_success"),
        ("MailServer.Network/NodeLinks/NodeListener.cs", 1, "- accepts again after 100 ms"),
        // With their own schedule.
        ("MailServer.Actors/Mailboxes/MailboxActor.cs", 5, "- scans folders with the back-off of ForeignFileScan; indexes texts, and pauses for 30 s after a failure; retries a failed flush after a fixed pause, and requests flush, too; ends the wait of a delivery for its script"),
        ("MailServer.Actors/Queue/QueuePartitionActor.cs", 1, "The_wait_doubles_up_to_the_maximum"),
        ("MailServer.Actors/Collections/PushActor.cs", 2, "- three attempts at fixed intervals, then the message is dropped"),
        ("MailServer.Actors/Cluster/DatabaseLease.cs", 2, "- the time to live of the lease limits the attempts"),
        ("MailServer.Actors/Sessions/ImapSessionActor.Mailbox.cs", 1, "- the session ends when its folder does not reappear before a time-out"),
        ("MailServer.Network/Acme/AcmeIssuer.cs", 1, "- polls a pending order until its time-out"),
        // Their work is in memory and cannot fail.
        ("MailServer.Actors/Queue/QueueActor.cs", 5, "- returns memory; reopens the journal every 15 s; restarts a partition after the pause of its gate; offers requests again"),
        ("MailServer.Actors/Queue/QueueActor.Rebuild.cs", 1, "A_journal_that_is_damaged_again_and_again_asks_for_a_restart"),
        ("MailServer.Actors/Cluster/ClusterRegionActor.cs", 1, "- offers requests again, and refuses them after 20 s"),
        ("MailServer.Actors/Queue/QueueActor.Spool.cs", 1, "- repeats its request until the partitions reply"),
        ("MailServer.Actors/Queue/MailboxDestinationActor.cs", 1, "- times out unanswered requests"),
        ("MailServer.Actors/Queue/DestinationActor.cs", 3, "- ends idle connections"),
        ("MailServer.Actors/Delivery/DeliveryWorkerActor.cs", 1, "- times out unanswered requests"),
        ("MailServer.Actors/Delivery/ScriptMailActor.cs", 1, "- answers mailboxes that have waited long enough; offers messages to the queue again after 10 s"),
        ("MailServer.Actors/Reports/ReportsProxyActor.cs", 2, "- resends what another node has not confirmed"),
        ("MailServer.Actors/Sessions/SessionRegistryActor.cs", 2, "- sends ticks to sessions; a failed directory query is repeated at the next tick"),
        ("MailServer.Actors/Cluster/MembershipActor.cs", 1, "- reads the record of the current cluster at a fixed interval"),
        ("MailServer.Actors/Cluster/ClusterMonitorActor.cs", 3, "- collects reports of nodes"),
        ("MailServer.Actors/Collections/ReportActor.cs", 1, "- deadline of a report; then it is refused"),
        ("MailServer.Actors/Collections/CollectionsActor.Scheduling.cs", 1, "- the maximum delay of a response"),
        ("MailServer.Actors/Timing/TimerScheduler.cs", 1, "- the clock of the actor system"),
        ("MailServer/Hosting/StartLogBuffer.cs", 1, "- once: writes the events that a start has held back"),
        ("MailServer/Hosting/RepeatedLogFilter.cs", 2, "- logs the count of repeated lines"),
        // A single pause within one request, sign-in or command.
        ("MailServer.Actors/Access/SignInGate.cs", 1, "- slows down a failed sign-in"),
        ("MailServer.Actors/Access/LoginGuard.cs", 1, "- waits for a ban by another node"),
        ("MailServer.Actors/Trust/AdmissionControl.cs", 1, "- delays a first contact"),
        ("MailServer.Web/Admin/MaintenanceEndpoints.cs", 1, "- progress lines while a command runs"),
        ("MailServer/Importing/MailImporter.cs", 1, "The_retries_of_a_refused_message_are_limited"),
        ("MailServer/Importing/RunningServerTarget.cs", 1, "- checks for a restarted server twice a second, for at most two minutes"),
        ("MailServer.Storage/DataDirectoryLock.cs", 1, "- waits for a command that holds the lock, up to a limit"),
        ("MailServer/Commands/RunningBackups.cs", 1, "- looks at a job of the server until it ends"),
        ("MailServer/Commands/QueueTestCommand.cs", 1, "- looks at the trace of a message, up to a limit"),
        ("MailServer/Commands/SessionsTopCommand.cs", 1, "- waits for a key"),
        ("MailServer/Commands/Shell.cs", 1, "- waits for a key"),
        ("MailServer/Commands/SignalCancellation.cs", 1, "- ends a command that does not stop in time"),
        ("MailServer/Hosting/SystemdWatchdog.cs", 1, "- the interval is set by systemd"),
        ("MailServer/Hosting/PauseGuard.cs", 1, "- measures pauses of the process"),
    ];

    [Fact]
    public void Every_timer_and_delay_is_listed_with_its_limit_on_failures()
    {
        var found = SourceTree.SourceFiles
            .Select(f => (File: f["src/".Length..], Timers: Timer().Count(WithoutComments(SourceTree.Read(f)))))
            .Where(static f => f.Timers > 0)
            .ToDictionary(static f => f.File, static f => f.Timers, StringComparer.Ordinal);
        var known = Known.ToDictionary(static k => k.File, static k => k.Timers, StringComparer.Ordinal);
        Violations.AssertNone(found.Where(f => known.GetValueOrDefault(f.Key) != f.Value)
            .Select(f => $"{f.Key} has {f.Value} timers, the table {known.GetValueOrDefault(f.Key)}"));
        Violations.AssertNone(known.Keys.Where(k => !found.ContainsKey(k)).Select(static k => $"{k} is in the table and has no timers"));
    }

    [Fact]
    public void Every_test_named_in_the_table_exists()
    {
        var tests = SourceTree.TrackedFiles.Where(static f => f.StartsWith("tests/", StringComparison.Ordinal) && f.EndsWith("Tests.cs", StringComparison.Ordinal))
            .Select(SourceTree.Read).ToArray();
        Violations.AssertNone(Known.Select(static k => k.Held).Where(static h => !h.StartsWith('-')).Distinct()
            .Where(h => !tests.Any(t => t.Contains(h + "(", StringComparison.Ordinal))));
    }

    private static string WithoutComments(string text) => Comment().Replace(text, "");

    [GeneratedRegex(
        @"new PeriodicTimer\(|new PeriodicWork\(|new BackoffRunner\(|\.ScheduleTell\w*\(|\.ScheduleOnce\w*\(|\.ScheduleRepeatedly\w*\(|Timers\.Start\w+\(|Task\.Delay\(|new Timer\(|\.CreateTimer\(|\.Wait\([A-Z]\w+\)",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Timer();

    [GeneratedRegex(@"^\s*//.*$", RegexOptions.Multiline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Comment();
}
