using System.Net;
using MailServer.Domain.Dns;
using MailServer.Protocol.MessageAuthentication.Dkim;
using MailServer.Protocol.MessageAuthentication.Spf;

namespace MailServer.Protocol.MessageAuthentication.Dmarc;

/// <summary>
/// Evaluates DMARC (RFC 9989): whether the domain in From is authenticated, and which policy applies if not. A DNS failure that could have changed
/// the result gives TempError, which is neither a pass nor a reason to reject. Thread-safe.
/// </summary>
public sealed class DmarcEvaluator(IDnsLookup dns)
{
    /// <param name="author">The domain in From, in lower-case A-labels.</param>
    /// <param name="spf">The SPF result for the reverse-path; null when it was not checked.</param>
    /// <param name="dkim">The results of the DKIM signatures.</param>
    /// <param name="cancel">Cancels the DNS lookups.</param>
    public async Task<DmarcOutcome> EvaluateAsync(string author, SpfOutcome? spf, IReadOnlyList<DkimOutcome> dkim, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(author);
        ArgumentNullException.ThrowIfNull(dkim);
        var run = new Evaluation(dns, author);
        await run.FindPolicyAsync(cancel);
        if (run.Record is null) return run.ConcludeWithoutRecord(spf, dkim);
        var isSpf = spf is not null
            && await run.IsAlignedAsync("SPF", spf.Domain, spf.Result == SpfResult.Pass, spf.Result == SpfResult.TempError, run.Record.StrictSpf, cancel);
        DkimOutcome? aligned = null;
        foreach (var signature in dkim)
        {
            var (isPass, isTemporary) = (signature.Result == DkimResult.Pass, signature.Result == DkimResult.TempError);
            if (await run.IsAlignedAsync("DKIM", signature.Domain, isPass, isTemporary, run.Record.StrictDkim, cancel)) aligned ??= signature;
        }

        return run.Conclude(isSpf ? $"SPF of {spf!.Domain}" : null, aligned is null ? null : $"DKIM of {aligned.Domain}");
    }

    private sealed class Evaluation(IDnsLookup dns, string author)
    {
        private readonly DmarcTreeWalk _tree = new(dns);
        private readonly List<string> _steps = [];
        private string _organization = "";
        private string _policyDomain = "";
        private string? _dnsError;
        private DmarcPolicy _policy;

        public DmarcRecord? Record { get; private set; }

        public string? DnsError => _dnsError ?? _tree.DnsError;

        /// <summary>Finds the policy record (§4.10.1): of the author's domain, else of its organizational domain, else of the public suffix.</summary>
        public async Task FindPolicyAsync(CancellationToken cancel)
        {
            var walked = await _tree.WalkAsync(author, cancel);
            _organization = DmarcTreeWalk.OrganizationalDomain(author, walked);
            foreach (var (name, record) in walked) _steps.Add($"_dmarc.{name}: p={Name(record.Policy)}{(record.IsPublicSuffix is { } psd ? $" psd={(psd ? 'y' : 'n')}" : "")}");
            _steps.Add($"{author}: the organizational domain is {_organization}");
            var (found, chosen) = walked.FirstOrDefault(w => w.Domain == author);
            if (chosen is null) (found, chosen) = walked.FirstOrDefault(w => w.Domain == _organization);
            if (chosen is null) (found, chosen) = walked.FirstOrDefault(w => w.Record.IsPublicSuffix == true);
            if (chosen is null) return;
            Record = chosen;
            _policyDomain = found;
            _policy = found == author ? chosen.Policy : await InheritAsync(chosen, cancel);
            _steps.Add($"the policy of {found} applies: {Name(_policy)}{(chosen.IsTesting ? ", in test mode" : "")}");
        }

        /// <summary>Whether an identifier is authenticated and aligned with the author (§4.4). An aligned identifier with a temporary error is remembered.</summary>
        public async Task<bool> IsAlignedAsync(string method, string domain, bool isPass, bool isTemporary, bool strict, CancellationToken cancel)
        {
            if (!isPass && !isTemporary)
            {
                _steps.Add($"{method} {domain}: did not pass");
                return false;
            }

            domain = domain.TrimEnd('.').ToLowerInvariant();
            var isAligned = domain == author || (!strict && await OrganizationOfAsync(domain, cancel) == _organization);
            _steps.Add($"{method} {domain}: {(isPass ? "passed" : "temporary error")}, {(isAligned ? "aligned" : "not aligned")}{(strict ? " (strict)" : "")}");
            if (isTemporary && isAligned) _dnsError = $"{method} of {domain} could not be evaluated now";
            return isPass && isAligned;
        }

        /// <summary>
        /// The result without a policy record. If its lookup failed, the strictest policy must be assumed, unless an identifier of exactly the
        /// author's domain passed, which satisfies every policy.
        /// </summary>
        public DmarcOutcome ConcludeWithoutRecord(SpfOutcome? spf, IReadOnlyList<DkimOutcome> dkim)
        {
            if (DnsError is not { } trouble) return CreateOutcome(DmarcResult.None, $"{author} has no DMARC policy", DmarcPolicy.None);
            var meetsAny = (spf?.Result == SpfResult.Pass && IsAuthor(spf.Domain)) || dkim.Any(d => d.Result == DkimResult.Pass && IsAuthor(d.Domain));
            return CreateOutcome(DmarcResult.TempError, trouble, meetsAny ? DmarcPolicy.None : DmarcPolicy.Reject);
        }

        /// <summary>The result from the aligned identifiers that passed; null for none.</summary>
        public DmarcOutcome Conclude(string? spf, string? dkim)
        {
            var outcome = (spf ?? dkim) is { } passed ? CreateOutcome(DmarcResult.Pass, passed, DmarcPolicy.None)
                : DnsError is { } trouble ? CreateOutcome(DmarcResult.TempError, trouble, EffectivePolicy())
                : CreateOutcome(DmarcResult.Fail, "neither SPF nor DKIM passed for the author's domain", DmarcPolicy.None);
            return outcome with { SpfAligned = spf is not null, DkimAligned = dkim is not null };
        }

        private bool IsAuthor(string domain) => domain.TrimEnd('.').Equals(author, StringComparison.OrdinalIgnoreCase);

        private DmarcOutcome CreateOutcome(DmarcResult result, string reason, DmarcPolicy atStake)
        {
            _steps.Add($"{result.ToString().ToLowerInvariant()}: {reason}");
            if (Record is null) return new DmarcOutcome(result, author, null, DmarcPolicy.None, reason, _steps) { PossiblePolicy = atStake };
            return new DmarcOutcome(result, author, _policy, result == DmarcResult.Fail ? EffectivePolicy() : DmarcPolicy.None, reason, _steps)
            {
                PossiblePolicy = atStake,
                PolicyDomain = _policyDomain,
                PolicyRecord = Record.Text,
                IsTesting = Record.IsTesting,
            };
        }

        // §4.7: t=y lowers the policy by one step
        private DmarcPolicy EffectivePolicy() => (Record!.IsTesting, _policy) switch
        {
            (true, DmarcPolicy.Reject) => DmarcPolicy.Quarantine,
            (true, _) => DmarcPolicy.None,
            _ => _policy,
        };

        private async Task<DmarcPolicy> InheritAsync(DmarcRecord record, CancellationToken cancel)
        {
            var forSubdomains = record.SubdomainPolicy ?? record.Policy;
            if (record.NonexistentPolicy is not { } forNonexistent || forNonexistent == forSubdomains) return forSubdomains;
            return await ExistsAsync(cancel) ? forSubdomains : forNonexistent;
        }

        // A domain without any A, AAAA or MX record does not exist. If DNS fails, assume that it exists.
        private async Task<bool> ExistsAsync(CancellationToken cancel) =>
            await dns.LookupIPv4Async(author, cancel) is not DnsAnswer<IPAddress>.NoRecords
            || await dns.LookupIPv6Async(author, cancel) is not DnsAnswer<IPAddress>.NoRecords
            || await dns.LookupMxAsync(author, cancel) is not DnsAnswer<MailExchange>.NoRecords;

        private async Task<string> OrganizationOfAsync(string domain, CancellationToken cancel)
        {
            // Do not look up unrelated domains: a DNS failure of a forger's domain must not turn a failure into a temporary error.
            if (domain != _organization && !domain.EndsWith("." + _organization, StringComparison.Ordinal)) return domain;
            return DmarcTreeWalk.OrganizationalDomain(domain, await _tree.WalkAsync(domain, cancel));
        }

        private static string Name(DmarcPolicy policy) => policy.ToString().ToLowerInvariant();
    }
}
