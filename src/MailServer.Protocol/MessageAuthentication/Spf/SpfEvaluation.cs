using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MailServer.Domain.Dns;

namespace MailServer.Protocol.MessageAuthentication.Spf;

/// <summary>One evaluation. Its limits apply to all visited records together (RFC 7208 §4.6.4).</summary>
internal sealed class SpfEvaluation(IDnsLookup dns, TimeProvider time, SpfQuery query)
{
    private const int MaxLookups = 10;
    private const int MaxVoidLookups = 2;
    private const int MaxNames = 10;
    private const string Unknown = "unknown";

    private readonly List<string> _steps = [];
    private IReadOnlyList<string>? _validatedNames;
    private int _lookups;
    private int _voidLookups;

    public SpfOutcome Outcome(SpfResult result, string reason, string? explanation = null)
    {
        _steps.Add($"{query.Domain}: {Name(result)} ({reason})");
        return new SpfOutcome(result, query.Domain, reason, explanation, _steps);
    }

    /// <summary>check_host() (§4). The depth counts nested includes; only the outermost record provides an explanation.</summary>
    public async Task<Verdict> CheckHostAsync(string domain, int depth, CancellationToken cancel)
    {
        var (record, failed) = await FindRecordAsync(domain, depth, cancel);
        if (record is null) return failed!;
        foreach (var term in record.Terms)
        {
            if (term.NeedsLookup && ++_lookups > MaxLookups) return new Verdict(SpfResult.PermError, "more than ten terms require DNS lookups");
            var match = await MatchAsync(term, domain, depth, cancel);
            AddStep(depth, $"{term.Text}: {match.Text}");
            if (_voidLookups > MaxVoidLookups) return new Verdict(SpfResult.PermError, "more than two void lookups");
            if (match.Error is { } error) return new Verdict(error, $"{term.Text}: {match.Text}");
            if (!match.IsMatch) continue;
            var explanation = term.Result == SpfResult.Fail && depth == 0 ? await ExplainAsync(record, domain, cancel) : null;
            return new Verdict(term.Result, term.Text, explanation);
        }

        return record.Redirect is { } redirect ? await RedirectAsync(redirect, domain, depth, cancel) : new Verdict(SpfResult.Neutral, "no term matched");
    }

    // §6.1
    private async Task<Verdict> RedirectAsync(string redirect, string domain, int depth, CancellationToken cancel)
    {
        if (++_lookups > MaxLookups) return new Verdict(SpfResult.PermError, "more than ten terms require DNS lookups");
        var target = await ExpandAsync(redirect, domain, cancel);
        AddStep(depth, $"redirect={target}");
        var verdict = await CheckHostAsync(target, depth, cancel);
        return verdict.Result == SpfResult.None ? new Verdict(SpfResult.PermError, $"redirect={target}: {verdict.Reason}") : verdict;
    }

    // §4.4, §4.5
    private async Task<(SpfRecord? Record, Verdict? Failed)> FindRecordAsync(string domain, int depth, CancellationToken cancel)
    {
        switch (await dns.LookupTxtAsync(domain, cancel))
        {
            case DnsAnswer<string>.TemporaryFailure failure:
                return (null, new Verdict(SpfResult.TempError, failure.Reason));
            case DnsAnswer<string>.RecordsFound found:
                var texts = found.Values.Where(SpfRecord.IsRecord).ToArray();
                if (texts.Length == 0) break;
                if (texts.Length > 1) return (null, new Verdict(SpfResult.PermError, $"{domain} has {texts.Length} SPF records"));
                AddStep(depth, $"{domain}: {Printable(texts[0])}");
                if (!Ascii.IsValid(texts[0])) return (null, new Verdict(SpfResult.PermError, "the record is not ASCII"));
                return SpfRecord.TryParse(texts[0], out var record, out var error)
                    ? (record, null)
                    : (null, new Verdict(SpfResult.PermError, $"'{Printable(error)}' is malformed"));
        }

        return (null, new Verdict(SpfResult.None, $"{domain} has no SPF record"));
    }

    private async Task<Match> MatchAsync(SpfTerm term, string domain, int depth, CancellationToken cancel)
    {
        switch (term.Mechanism)
        {
            case SpfMechanism.All:
                return Match.Yes;
            case SpfMechanism.Ip4 or SpfMechanism.Ip6:
                return Match.Of(term.Covers(term.Network!, query.Address));
            case SpfMechanism.Ptr:
                return await MatchPtrAsync(term.Target is null ? domain : await ExpandAsync(term.Target, domain, cancel), cancel);
        }

        var target = term.Target is null ? domain : await ExpandAsync(term.Target, domain, cancel);
        return term.Mechanism switch
        {
            SpfMechanism.A => await MatchAddressesAsync(term, target, cancel),
            SpfMechanism.Mx => await MatchExchangesAsync(term, target, cancel),
            SpfMechanism.Exists => await MatchExistsAsync(target, cancel),
            _ => await MatchIncludeAsync(target, depth, cancel),
        };
    }

    // §5.2
    private async Task<Match> MatchIncludeAsync(string target, int depth, CancellationToken cancel)
    {
        var verdict = await CheckHostAsync(target, depth + 1, cancel);
        return verdict.Result switch
        {
            SpfResult.Pass => Match.Yes,
            SpfResult.TempError => Match.Failed(SpfResult.TempError, verdict.Reason),
            SpfResult.PermError or SpfResult.None => Match.Failed(SpfResult.PermError, verdict.Reason),
            _ => Match.No,
        };
    }

    // §5.3
    private async Task<Match> MatchAddressesAsync(SpfTerm term, string host, CancellationToken cancel) => await AddressesAsync(host, cancel) switch
    {
        DnsAnswer<IPAddress>.RecordsFound found => Match.Of(found.Values.Any(a => term.Covers(a, query.Address))),
        DnsAnswer<IPAddress>.TemporaryFailure failure => Match.Failed(SpfResult.TempError, failure.Reason),
        _ => CountVoid(),
    };

    // §5.4
    private async Task<Match> MatchExchangesAsync(SpfTerm term, string target, CancellationToken cancel)
    {
        switch (await dns.LookupMxAsync(target, cancel))
        {
            case DnsAnswer<MailExchange>.TemporaryFailure failure:
                return Match.Failed(SpfResult.TempError, failure.Reason);
            case DnsAnswer<MailExchange>.RecordsFound { Values.Count: > MaxNames }:
                return Match.Failed(SpfResult.PermError, "more than ten MX records");
            case DnsAnswer<MailExchange>.RecordsFound found:
                foreach (var exchange in found.Values.Where(mx => !mx.IsNull))
                    if (await MatchAddressesAsync(term, exchange.Host, cancel) is { } match && (match.IsMatch || match.Error is not null)) return match;
                return Match.No;
            default:
                return CountVoid();
        }
    }

    // §5.5: DNS errors count as no match.
    private async Task<Match> MatchPtrAsync(string target, CancellationToken cancel)
    {
        foreach (var name in await ValidatedNamesAsync(cancel))
            if (IsUnder(name, target)) return Match.Yes;
        return Match.No;
    }

    // §5.7: A records, whatever the address family of the client.
    private async Task<Match> MatchExistsAsync(string target, CancellationToken cancel) => await dns.LookupIPv4Async(target, cancel) switch
    {
        DnsAnswer<IPAddress>.RecordsFound => Match.Yes,
        DnsAnswer<IPAddress>.TemporaryFailure failure => Match.Failed(SpfResult.TempError, failure.Reason),
        _ => CountVoid(),
    };

    private Task<DnsAnswer<IPAddress>> AddressesAsync(string host, CancellationToken cancel) =>
        query.Address.AddressFamily == AddressFamily.InterNetwork ? dns.LookupIPv4Async(host, cancel) : dns.LookupIPv6Async(host, cancel);

    /// <summary>The host names of the client's address that resolve back to it.</summary>
    private async Task<IReadOnlyList<string>> ValidatedNamesAsync(CancellationToken cancel)
    {
        if (_validatedNames is not null) return _validatedNames;
        var names = new List<string>();
        if (await dns.LookupPtrAsync(query.Address, cancel) is DnsAnswer<string>.RecordsFound found)
        {
            foreach (var name in found.Values.Take(MaxNames))
                if (await AddressesAsync(name, cancel) is DnsAnswer<IPAddress>.RecordsFound addresses && addresses.Values.Contains(query.Address)) names.Add(name.TrimEnd('.'));
        }

        return _validatedNames = names;
    }

    private async Task<string> ExpandAsync(string spec, string domain, CancellationToken cancel) =>
        SpfMacro.ExpandDomain(spec, await ValuesAsync(spec, domain, cancel));

    // §7.3, p: prefer the domain itself, then a name below it, then any validated name.
    private async Task<SpfMacroValues> ValuesAsync(string text, string domain, CancellationToken cancel)
    {
        if (!SpfMacro.NeedsValidatedName(text)) return new SpfMacroValues(query, domain, Unknown, time.GetUtcNow());
        var names = await ValidatedNamesAsync(cancel);
        var name = names.FirstOrDefault(n => n.Equals(domain, StringComparison.OrdinalIgnoreCase))
            ?? names.FirstOrDefault(n => IsUnder(n, domain)) ?? (names.Count > 0 ? names[0] : Unknown);
        return new SpfMacroValues(query, domain, name, time.GetUtcNow());
    }

    // §6.2: on any error there is no explanation.
    private async Task<string?> ExplainAsync(SpfRecord record, string domain, CancellationToken cancel)
    {
        if (record.Explanation is not { } spec) return null;
        var target = await ExpandAsync(spec, domain, cancel);
        if (await dns.LookupTxtAsync(target, cancel) is not DnsAnswer<string>.RecordsFound { Values: [var text] } || !Ascii.IsValid(text)) return null;
        return SpfMacro.ExpandExplanation(text, await ValuesAsync(text, domain, cancel));
    }

    private Match CountVoid()
    {
        _voidLookups++;
        return Match.Nothing;
    }

    private static bool IsUnder(string name, string domain)
    {
        domain = domain.TrimEnd('.');
        return name.Equals(domain, StringComparison.OrdinalIgnoreCase) || name.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase);
    }

    private void AddStep(int depth, string step) => _steps.Add(new string(' ', 2 * depth) + step);

    private static string Name(SpfResult result) => result.ToString().ToLower(CultureInfo.InvariantCulture);

    private static string Printable(string text) => string.Concat(text.Select(c => c is >= ' ' and <= '~' ? c : '?'));

    /// <summary>The result of one record.</summary>
    internal sealed record Verdict(SpfResult Result, string Reason, string? Explanation = null);

    private sealed record Match(bool IsMatch, SpfResult? Error, string Text)
    {
        public static readonly Match Yes = new(true, null, "match");
        public static readonly Match No = new(false, null, "no match");
        public static readonly Match Nothing = new(false, null, "no records");

        public static Match Of(bool isMatch) => isMatch ? Yes : No;

        public static Match Failed(SpfResult error, string reason) => new(false, error, reason);
    }
}
