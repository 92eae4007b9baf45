using System.Diagnostics;

namespace MailServer.Load;

/// <summary>
/// Deliveries by SMTP over several connections, timed from the first until IMAP STATUS shows all of them to their users.
/// Afterwards every message is looked up by its id: each must exist exactly once.
/// </summary>
internal sealed class DeliverScenario(TargetServer target)
{
    private const int WarmUp = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public required int Connections { get; init; }

    public required int Messages { get; init; }

    public required int Size { get; init; }

    public async Task<ScenarioReport> RunAsync()
    {
        // Warm-up: for the first messages a server starts processes, loads code and opens mailboxes.
        await RoundAsync(new LoadMessages($"w{Stopwatch.GetTimestamp():x}"), Math.Max(target.Users, WarmUp * Connections));
        return await RoundAsync(new LoadMessages($"d{Stopwatch.GetTimestamp():x}"), Messages);
    }

    private async Task<ScenarioReport> RoundAsync(LoadMessages letters, int messages)
    {
        var readers = await Task.WhenAll(Enumerable.Range(0, target.Users).Select(user => ImapConnection.LoginAsync(target, user, tls: false)));
        var before = await Task.WhenAll(readers.Select(r => r.CountAsync("INBOX")));
        var senders = Enumerable.Range(0, Connections).Select(_ => new SmtpConnection(target)).ToArray();

        var start = Stopwatch.GetTimestamp();
        var latencies = await Task.WhenAll(senders.Select((sender, worker) => SendAsync(sender, worker, letters, messages)));
        var accepted = Stopwatch.GetElapsedTime(start).TotalSeconds;
        // One user after the other: polling all of them at once would add load.
        for (var user = 0; user < readers.Length; user++) await SeeAsync(readers[user], before[user] + Expected(user, messages));
        var visible = Stopwatch.GetElapsedTime(start).TotalSeconds;

        await Task.WhenAll(senders.Select(s => s.QuitAsync()));
        await Task.WhenAll(readers.Select((reader, user) => CheckAsync(reader, user, letters, Expected(user, messages))));
        return Describe(messages, accepted, visible, [.. latencies.SelectMany(l => l)]);
    }

    private int Expected(int user, int messages) => (messages / target.Users) + (user < messages % target.Users ? 1 : 0);

    private async Task<List<double>> SendAsync(SmtpConnection sender, int worker, LoadMessages letters, int messages)
    {
        var milliseconds = new List<double>();
        for (var number = worker; number < messages; number += Connections)
        {
            var recipient = target.User(number);
            var letter = letters.Plain(number, recipient, Size);
            var start = Stopwatch.GetTimestamp();
            var done = await sender.DeliverAsync(recipient, letter);
            milliseconds.Add(Stopwatch.GetElapsedTime(start, done).TotalMilliseconds);
        }

        return milliseconds;
    }

    private static async Task SeeAsync(ImapConnection reader, int expected)
    {
        var start = Stopwatch.GetTimestamp();
        int seen;
        while ((seen = await reader.CountAsync("INBOX")) < expected)
        {
            if (Stopwatch.GetElapsedTime(start) > Patience) throw new LoadException($"{expected - seen} messages of a user did not become visible");
            await Task.Delay(20);
        }

        if (seen > expected) throw new LoadException($"{seen - expected} messages too many for a user");
    }

    private async Task CheckAsync(ImapConnection reader, int user, LoadMessages letters, int expected)
    {
        await reader.CommandAsync("EXAMINE INBOX");
        var response = await reader.CommandAsync($"UID FETCH 1:* (BODY.PEEK[HEADER.FIELDS ({LoadMessages.IdField})])");
        var found = FetchResponses.Read(response)
            .Select(r => r.Literal.Split(':')[^1].Trim())
            .Where(letters.Made)
            .Order(StringComparer.Ordinal);
        var sent = Enumerable.Range(0, expected).Select(i => letters.Id((i * target.Users) + user)).Order(StringComparer.Ordinal);
        if (!found.SequenceEqual(sent)) throw new LoadException($"{target.User(user)} has not each message once");
        await reader.LogoutAsync();
    }

    private ScenarioReport Describe(int messages, double accepted, double visible, double[] milliseconds)
    {
        var (p50, p99) = (Statistics.Percentile(milliseconds, 50), Statistics.Percentile(milliseconds, 99));
        return new ScenarioReport(
            "deliver",
            $"{messages} messages over {Connections} connections to {target.Users} users: {ScenarioReport.Text(messages / visible)}/s until visible, "
            + $"{ScenarioReport.Text(messages / accepted)}/s accepted; a transaction p50 {ScenarioReport.Text(p50)} ms, p99 {ScenarioReport.Text(p99)} ms; each found once",
            new Dictionary<string, double>
            {
                ["visible_per_s"] = messages / visible,
                ["accepted_per_s"] = messages / accepted,
                ["transaction_p50_ms"] = p50,
                ["transaction_p99_ms"] = p99,
            });
    }
}
