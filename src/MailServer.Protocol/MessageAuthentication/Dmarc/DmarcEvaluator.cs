using System.Net;
using MailServer.Domain.Dns;
using MailServer.Protocol.MessageAuthentication.Dkim;
using MailServer.Protocol.MessageAuthentication.Spf;

namespace MailServer.Protocol.MessageAuthentication.Dmarc;

/// <summary>
/// Whether a message is from the domain that its From names, and what that domain asks for if not (RFC 9989). Trouble with DNS that could have
/// made the difference is a TempError: neither a pass nor a reason to refuse. Safe to use from several threads.
/// </summary>
public sealed class DmarcEvaluator(IDnsLookup dns)
{
    /// <param name="author">The domain in From, in lower-case A-labels.</param>
    /// <param name="spf">The result for the reverse-path; null when it was not checked.</param>
    /// <param name="dkim">The results of the signatures.</param>
    /// <param name="cancel">Ends the lookups.</param>
    public async Task<DmarcOutcome> EvaluateAsync(string author, SpfOutcome? spf, IReadOnlyList<DkimOutcome> dkim, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(author);
        ArgumentNullException.ThrowIfNull(dkim);
        var run = new Run(dns, author);
        await run.FindPolicyAsync(cancel);
        if (run.Record is null)
            return run.Trouble is { } trouble ? run.End(DmarcResult.TempError, trouble) : run.End(DmarcResult.None, $"{author} has no DMARC policy");
        if (spf is not null && await run.IsAlignedAsync("SPF", spf.Domain, spf.Result == SpfResult.Pass, spf.Result == SpfResult.TempError, run.Record.StrictSpf, cancel))
            return run.End(DmarcResult.Pass, $"SPF of {spf.Domain}");
        foreach (var signature in dkim)
        {
            var (isPass, isTemporary) = (signature.Result == DkimResult.Pass, signature.Result == DkimResult.TempError);
            if (await run.IsAlignedAsync("DKIM", signature.Domain, isPass, isTemporary, run.Record.StrictDkim, cancel))
                return run.End(DmarcResult.Pass, $"DKIM of {signature.Domain}");
        }

        return run.Trouble is { } later ? run.End(DmarcResult.TempError, later) : run.End(DmarcResult.Fail, "neither SPF nor DKIM speaks for the author's domain");
    }

    private sealed class Run(IDnsLookup dns, string author)
    {
        private readonly DmarcTree _tree = new(dns);
        private readonly List<string> _steps = [];
        private string _organization = "";
        private string? _trouble;
        private DmarcPolicy _policy;

        public DmarcRecord? Record { get; private set; }

        public string? Trouble => _trouble ?? _tree.Trouble;

        /// <summary>§4.10.1: the author's own record, else that of its organizational domain, else that of the public suffix.</summary>
        public async Task FindPolicyAsync(CancellationToken cancel)
        {
            var walked = await _tree.WalkAsync(author, cancel);
            _organization = DmarcTree.OrganizationalDomain(author, walked);
            foreach (var (name, record) in walked) _steps.Add($"_dmarc.{name}: p={Name(record.Policy)}{(record.IsPublicSuffix is { } psd ? $" psd={(psd ? 'y' : 'n')}" : "")}");
            _steps.Add($"{author}: the organizational domain is {_organization}");
            var (found, chosen) = walked.FirstOrDefault(w => w.Domain == author);
            if (chosen is null) (found, chosen) = walked.FirstOrDefault(w => w.Domain == _organization);
            if (chosen is null) (found, chosen) = walked.FirstOrDefault(w => w.Record.IsPublicSuffix == true);
            if (chosen is null) return;
            Record = chosen;
            _policy = found == author ? chosen.Policy : await InheritAsync(chosen, cancel);
            _steps.Add($"the policy of {found} applies: {Name(_policy)}{(chosen.IsTesting ? ", in test mode" : "")}");
        }

        /// <summary>Whether an identifier is verified and the author's (§4.4). One that is the author's but could not be verified now is remembered.</summary>
        public async Task<bool> IsAlignedAsync(string method, string domain, bool isPass, bool isTemporary, bool strict, CancellationToken cancel)
        {
            if (!isPass && !isTemporary)
            {
                _steps.Add($"{method} {domain}: not passed");
                return false;
            }

            domain = domain.TrimEnd('.').ToLowerInvariant();
            var isAligned = domain == author || (!strict && await OrganizationOfAsync(domain, cancel) == _organization);
            _steps.Add($"{method} {domain}: {(isPass ? "passed" : "cannot be told now")}, {(isAligned ? "aligned" : "not aligned")}{(strict ? " (strict)" : "")}");
            if (isTemporary && isAligned) _trouble = $"{method} of {domain} cannot be told now";
            return isPass && isAligned;
        }

        public DmarcOutcome End(DmarcResult result, string reason)
        {
            _steps.Add($"{result.ToString().ToLowerInvariant()}: {reason}");
            var disposition = result == DmarcResult.Fail ? Weakened() : DmarcPolicy.None;
            return new DmarcOutcome(result, author, Record is null ? null : _policy, disposition, reason, _steps);
        }

        // §4.7, t=y
        private DmarcPolicy Weakened() => (Record!.IsTesting, _policy) switch
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

        // No A, AAAA or MX at all; what cannot be told exists.
        private async Task<bool> ExistsAsync(CancellationToken cancel) =>
            await dns.Ip4Async(author, cancel) is not DnsAnswer<IPAddress>.None
            || await dns.Ip6Async(author, cancel) is not DnsAnswer<IPAddress>.None
            || await dns.MailExchangesAsync(author, cancel) is not DnsAnswer<MailExchange>.None;

        private async Task<string> OrganizationOfAsync(string domain, CancellationToken cancel)
        {
            // A stranger's domain is not even looked up: trouble with its DNS must not save a forgery.
            if (domain != _organization && !domain.EndsWith("." + _organization, StringComparison.Ordinal)) return domain;
            return DmarcTree.OrganizationalDomain(domain, await _tree.WalkAsync(domain, cancel));
        }

        private static string Name(DmarcPolicy policy) => policy.ToString().ToLowerInvariant();
    }
}
