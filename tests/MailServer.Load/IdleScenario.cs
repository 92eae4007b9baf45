using System.Collections.Concurrent;
using System.Diagnostics;

namespace MailServer.Load;

/// <summary>
/// Sessions over TLS in IDLE: the memory that each costs the server, and the time from the 250 of a message until every session of its user
/// gets EXISTS. A push before the 250 counts as 0; a missing or duplicate one voids the run.
/// </summary>
internal sealed class IdleScenario(TargetServer target)
{
    private const int Openers = 8;
    private const int Senders = 8;
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly LoadMessages _letters = new($"i{Stopwatch.GetTimestamp():x}");

    public required int Connections { get; init; }

    public required int Deliveries { get; init; }

    /// <summary>Deliveries per second, over all users.</summary>
    public required int Rate { get; init; }

    public required IReadOnlyCollection<int> Processes { get; init; }

    public async Task<ScenarioReport> RunAsync()
    {
        await WarmAsync();
        var before = ProcessMemory.PssKilobytes(Processes);
        var start = Stopwatch.GetTimestamp();
        var sessions = await OpenAsync();
        var open = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await Task.Delay(Settle);
        var after = ProcessMemory.PssKilobytes(Processes);
        var milliseconds = await PushAsync(sessions);
        foreach (var session in sessions) session.Dispose();
        await Task.WhenAll(sessions.Select(s => s.Reading));
        return Describe(Connections / open, Processes.Count == 0 ? double.NaN : (after - before) / (double)Connections, milliseconds);
    }

    // Warm-up: passwords are checked and code is loaded before the measurement.
    private async Task WarmAsync()
    {
        for (var user = 0; user < target.Users; user++)
        {
            var connection = await ImapConnection.LoginAsync(target, user, tls: true);
            await connection.LogoutAsync();
        }

        await Task.Delay(Settle);
    }

    private async Task<IdleSession[]> OpenAsync()
    {
        var sessions = new IdleSession[Connections];
        await Parallel.ForAsync(0, Connections, new ParallelOptions { MaxDegreeOfParallelism = Openers },
            async (i, _) => sessions[i] = await IdleSession.OpenAsync(target, i));
        return sessions;
    }

    private async Task<double[]> PushAsync(IdleSession[] sessions)
    {
        var users = Math.Min(target.Users, Connections);
        var senders = Math.Min(Senders, users);
        var milliseconds = new ConcurrentBag<double>();
        var start = Stopwatch.GetTimestamp();
        // Each sender has its own users, so that only one message at a time is in flight to a user.
        await Task.WhenAll(Enumerable.Range(0, senders).Select(async worker =>
        {
            using var sender = new SmtpConnection(target);
            var own = Enumerable.Range(0, users).Where(user => user % senders == worker).ToArray();
            for (int number = worker, turn = 0; number < Deliveries; number += senders, turn++)
            {
                var due = TimeSpan.FromSeconds(number / (double)Rate) - Stopwatch.GetElapsedTime(start);
                if (due > TimeSpan.Zero) await Task.Delay(due);
                var user = own[turn % own.Length];
                foreach (var time in await PushAsync(sender, number, user, [.. sessions.Where((_, i) => i % target.Users == user)])) milliseconds.Add(time);
            }

            await sender.QuitAsync();
        }));
        return [.. milliseconds];
    }

    private async Task<IEnumerable<double>> PushAsync(SmtpConnection sender, int number, int user, IdleSession[] sessions)
    {
        var told = Task.WhenAll(sessions.Select(s => s.NextAsync()));
        var recipient = target.User(user);
        var accepted = await sender.DeliverAsync(recipient, _letters.Plain(number, recipient, 4_096));
        var lost = Task.WhenAny(sessions.Select(s => s.Reading));
        if (await Task.WhenAny(told, lost, Task.Delay(Patience)) != told)
            throw new LoadException($"a push to {recipient} is missing: {(await FailureAsync(lost))?.Message ?? "30 s have passed"}");
        return (await told).Select(at => Math.Max(0, Stopwatch.GetElapsedTime(accepted, at).TotalMilliseconds));
    }

    private static async Task<Exception?> FailureAsync(Task<Task> lost) => lost.IsCompleted ? (await lost).Exception?.InnerException : null;

    private ScenarioReport Describe(double opened, double kilobytes, double[] milliseconds)
    {
        var (p50, p99) = (Statistics.Percentile(milliseconds, 50), Statistics.Percentile(milliseconds, 99));
        return new ScenarioReport(
            "idle",
            $"{Connections} TLS sessions of {target.Users} users in IDLE: {ScenarioReport.Text(kilobytes)} KB each (PSS), {ScenarioReport.Text(opened)} opened/s; "
            + $"250 to EXISTS over {milliseconds.Length} pushes p50 {ScenarioReport.Text(p50)} ms, p99 {ScenarioReport.Text(p99)} ms; none missing",
            new Dictionary<string, double>
            {
                ["opened_per_s"] = opened,
                ["pss_kb"] = kilobytes,
                ["push_p50_ms"] = p50,
                ["push_p99_ms"] = p99,
            });
    }
}
