using System.Diagnostics;
using System.Text;

namespace MailServer.Load;

/// <summary>One folder of many messages: the time APPEND takes to fill it, and FETCH takes to list it, cold and warm.</summary>
internal sealed class FetchScenario(TargetServer target)
{
    private const string Flags = "UID FETCH 1:* (FLAGS)";
    private const string Envelopes = "UID FETCH 1:* (FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)";

    private readonly LoadMessages _letters = new($"f{Stopwatch.GetTimestamp():x}");
    private readonly string _folder = $"load-{Stopwatch.GetTimestamp():x}";

    public required int Messages { get; init; }

    public required int Repeat { get; init; }

    public async Task<ScenarioReport> RunAsync()
    {
        var recipient = target.User(0);
        var sizes = new List<long>(Messages);
        IEnumerable<byte[]> Mail()
        {
            for (var i = 0; i < Messages; i++)
            {
                var letter = _letters.Mixed(i, recipient);
                sizes.Add(letter.Length);
                yield return letter;
            }
        }

        using var writer = await ImapConnection.LoginAsync(target, 0, tls: false);
        var capabilities = Encoding.Latin1.GetString((await writer.CommandAsync("CAPABILITY")).Span);
        await writer.CommandAsync($"CREATE {_folder}");
        var start = Stopwatch.GetTimestamp();
        await writer.AppendAsync(_folder, Mail(), capabilities.Contains("LITERAL+", StringComparison.OrdinalIgnoreCase));
        var append = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var count = await writer.CountAsync(_folder);
        if (count != Messages) throw new LoadException($"{Messages} messages appended, {count} there");

        using var reader = await ImapConnection.LoginAsync(target, 0, tls: false);
        var (select, _) = await TimedAsync(reader, $"SELECT {_folder}");
        var flags = await RepeatedAsync(reader, Flags, lines => Check(lines));
        var envelopes = await RepeatedAsync(reader, Envelopes, lines => CheckEnvelopes(lines, sizes));
        await reader.CommandAsync("CLOSE");
        await reader.CommandAsync($"DELETE {_folder}");
        return Describe(append, select, flags, envelopes);
    }

    private async Task<List<double>> RepeatedAsync(ImapConnection reader, string command, Action<List<string>> check)
    {
        var milliseconds = new List<double>();
        for (var i = 0; i <= Repeat; i++)
        {
            var (time, response) = await TimedAsync(reader, command);
            milliseconds.Add(time);
            check([.. FetchResponses.Read(response).Select(r => r.Line)]);
        }

        return milliseconds;
    }

    private static async Task<(double Milliseconds, ReadOnlyMemory<byte> Response)> TimedAsync(ImapConnection reader, string command)
    {
        var start = Stopwatch.GetTimestamp();
        var response = await reader.CommandAsync(command);
        return (Stopwatch.GetElapsedTime(start).TotalMilliseconds, response);
    }

    private void Check(List<string> lines)
    {
        if (lines.Count != Messages) throw new LoadException($"{lines.Count} of {Messages} messages fetched");
        var uids = lines.Select(line => FetchResponses.Number(line, "UID")).Distinct().Count();
        if (uids != Messages) throw new LoadException($"{uids} different UIDs for {Messages} messages");
        if (!lines.TrueForAll(line => line.Contains("FLAGS (", StringComparison.Ordinal))) throw new LoadException("a response without FLAGS");
    }

    private void CheckEnvelopes(List<string> lines, List<long> sizes)
    {
        Check(lines);
        if (!lines.Select(line => FetchResponses.Number(line, "RFC822.SIZE")).SequenceEqual(sizes)) throw new LoadException("RFC822.SIZE is not what was appended");
        for (var i = 0; i < lines.Count; i++)
            if (!lines[i].Contains($"<{_letters.Id(i)}@example.org>", StringComparison.Ordinal)) throw new LoadException($"an ENVELOPE without its Message-ID: {lines[i]}");
    }

    private ScenarioReport Describe(double append, double select, List<double> flags, List<double> envelopes)
    {
        var (flagsWarm, envelopesWarm) = (Statistics.Median(flags.Skip(1)), Statistics.Median(envelopes.Skip(1)));
        return new ScenarioReport(
            "fetch",
            $"{Messages} messages: APPEND {ScenarioReport.Text(Messages / append)}/s, SELECT {ScenarioReport.Text(select)} ms, "
            + $"FLAGS first {ScenarioReport.Text(flags[0])} ms, warm {ScenarioReport.Text(flagsWarm)} ms, "
            + $"ENVELOPE first {ScenarioReport.Text(envelopes[0])} ms, warm {ScenarioReport.Text(envelopesWarm)} ms; every count, UID, size and Message-ID right",
            new Dictionary<string, double>
            {
                ["append_per_s"] = Messages / append,
                ["select_ms"] = select,
                ["flags_first_ms"] = flags[0],
                ["flags_warm_ms"] = flagsWarm,
                ["envelope_first_ms"] = envelopes[0],
                ["envelope_warm_ms"] = envelopesWarm,
            });
    }
}
