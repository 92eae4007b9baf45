using MailServer.Actors.Submission;
using MailServer.Domain;
using MailServer.Domain.Delivery;
using MailServer.Domain.Dns;
using MailServer.Domain.Messages;
using MailServer.Protocol.MessageAuthentication;
using MailServer.Protocol.MessageAuthentication.Arc;
using MailServer.Protocol.MessageAuthentication.AuthenticationResults;
using MailServer.Protocol.MessageAuthentication.Dkim;
using MailServer.Protocol.MessageAuthentication.Dmarc;
using MailServer.Protocol.MessageAuthentication.Spf;

namespace MailServer.Actors.Delivery;

/// <summary>
/// Authenticates an incoming message (SPF, DKIM, ARC, DMARC, iprev) and applies the author domain's policy. DMARC needs both SPF and DKIM to reject a
/// message: if one of them is disabled it only reports. A DNS failure never counts as a pass: if it hides whether a policy applies, the message is
/// deferred; otherwise the failure is recorded. Thread-safe.
/// </summary>
public sealed class MessageVerifier
{
    private readonly TrustCheckOptions _checks;
    private readonly Limits _limits;
    private readonly string _hostname;
    private readonly TimeProvider _time;
    private readonly SpfEvaluator _spf;
    private readonly DkimVerifier _dkim;
    private readonly ArcValidator _arc;
    private readonly DmarcEvaluator _dmarc;
    private readonly IprevEvaluator _reverse;
    private readonly TrustedSealers _sealers;

    public MessageVerifier(IDnsLookup dns, TimeProvider time, Limits limits, string hostname, TrustCheckOptions checks)
    {
        ArgumentNullException.ThrowIfNull(checks);
        _checks = checks;
        _limits = limits;
        _hostname = hostname;
        _time = time;
        _spf = new SpfEvaluator(dns, time);
        _dkim = new DkimVerifier(dns, time, limits);
        _arc = new ArcValidator(dns);
        _dmarc = new DmarcEvaluator(dns);
        _reverse = new IprevEvaluator(dns);
        _sealers = new TrustedSealers(checks.TrustedSealers);
    }

    /// <summary>Returns null when the header section is too long to check. The content must stay open until the check ends.</summary>
    public async Task<TrustVerdict?> VerifyAsync(MailTransaction transaction, MessageContent content, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        if (SignedMessage.Read(content, _limits.MaxHeaderSize) is not { } message) return null;
        var run = new Verification(this, transaction, message, cancel);
        await run.CheckAllAsync();
        return run.Judge();
    }

    /// <summary>
    /// True if the policy of an author's domain may have a message refused that somebody else sends on, or if DNS does not tell: a mailing list must then not send it under the author's address.
    /// </summary>
    internal async Task<bool> HasPolicyAsync(string author, CancellationToken cancel)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        late.CancelAfter(_limits.TrustCheckTimeout);
        try
        {
            var outcome = await _dmarc.EvaluateAsync(author, null, [], late.Token);
            return outcome.Disposition != DmarcPolicy.None || outcome.PossiblePolicy != DmarcPolicy.None;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return true;
        }
    }

    private sealed class Verification(MessageVerifier verifier, MailTransaction transaction, SignedMessage message, CancellationToken cancel)
    {
        private const string TooLate = "no answer in time";
        private const string LocalPolicy = "local_policy";
        private const string TrustedForwarder = "trusted_forwarder";
        private readonly List<string> _results = [];
        private readonly List<DmarcOutcome> _dmarc = [];
        private bool _isOverfull;
        private IprevOutcome? _reverse;
        private SpfOutcome? _spf;
        private IReadOnlyList<DkimOutcome> _dkim = [];
        private ArcChain? _chain;
        private ArcOutcome? _arc;

        public async Task CheckAllAsync()
        {
            var checks = verifier._checks;
            var address = transaction.RemoteAddress;
            var unnamed = new IprevOutcome(IprevResult.TempError, address, null);
            _reverse = await WithinAsync(late => verifier._reverse.EvaluateAsync(address, late), unnamed);
            _results.Add(AuthenticationResultsWriter.Format(_reverse));
            // Read first, so that the body is hashed once for chain and signatures.
            _chain = checks.Dkim ? ArcChain.Read(message) : null;
            if (checks.Spf) await CheckSpfAsync();
            if (checks.Dkim) await CheckSignaturesAsync();
            if (_chain is not null) await CheckChainAsync(_chain);
            if (checks.Dmarc) await CheckAuthorsAsync();
            if (_arc is { Result: not ArcResult.None }) _results.Add(AuthenticationResultsWriter.Format(_arc));
        }

        /// <summary>
        /// Runs one check with its own time limit, so that a sender with deliberately slow DNS cannot use up the time of the other checks. A check that
        /// does not finish in time is a temporary error, never a pass.
        /// </summary>
        private async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> check, T tooLate)
        {
            using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            late.CancelAfter(verifier._limits.TrustCheckTimeout);
            try
            {
                return await check(late.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                return tooLate;
            }
        }

        public TrustVerdict Judge()
        {
            var strictest = _dmarc.MaxBy(d => d.Disposition);
            var disposition = strictest?.Disposition ?? DmarcPolicy.None;
            var reason = disposition == DmarcPolicy.Quarantine ? $"DMARC policy of {strictest!.Domain}"
                : _isOverfull ? "From names too many domains"
                : null;
            var refusal = disposition == DmarcPolicy.Reject
                ? new SmtpReply(550, "5.7.1", $"Refused by the DMARC policy of {strictest!.Domain}")
                : Deferral();
            return new TrustVerdict(_results, refusal, reason)
            {
                ReverseName = _reverse?.Name,
                SpfDomain = _spf is { Result: SpfResult.Pass } ? _spf.Domain : null,
                Arc = _arc?.Result,
                Observations = refusal is { IsTransient: true } ? [] : DmarcObservationBuilder.Build(transaction, _dmarc, _spf, _dkim, verifier._time.GetUtcNow()),
            };
        }

        // RFC 7208 §8.6 defines this code for DNS errors.
        private SmtpReply? Deferral() =>
            verifier._checks is { DeferOnDnsFailure: true, Spf: true, Dkim: true } && _dmarc.Find(d => d.PossiblePolicy != DmarcPolicy.None) is { } untold
                ? new SmtpReply(451, "4.4.3", $"DNS failure while checking whether this is mail from {untold.Domain}, try again later")
                : null;

        private async Task CheckSpfAsync()
        {
            var query = new SpfQuery(transaction.RemoteAddress, transaction.HeloName, transaction.Sender?.ToString()) { Receiver = verifier._hostname };
            // RFC 7208 §2.3: check the HELO identity as well if it can have a record. A null reverse-path is checked as that identity anyway.
            if (!query.IsHeloIdentity && transaction.HeloName is [not '[', ..] && transaction.HeloName.Contains('.', StringComparison.Ordinal))
                await EvaluateSpfAsync(SpfQuery.ForHelo(transaction.RemoteAddress, transaction.HeloName) with { Receiver = verifier._hostname });
            _spf = await EvaluateSpfAsync(query);
        }

        private async Task<SpfOutcome> EvaluateSpfAsync(SpfQuery query)
        {
            var tooLate = new SpfOutcome(SpfResult.TempError, query.Domain, TooLate, null, []);
            var spf = await WithinAsync(late => verifier._spf.EvaluateAsync(query, late), tooLate);
            _results.Add(AuthenticationResultsWriter.Format(spf, query));
            return spf;
        }

        private async Task CheckSignaturesAsync()
        {
            var tooLate = new DkimOutcome { Result = DkimResult.TempError, Reason = TooLate };
            _dkim = await WithinAsync(late => verifier._dkim.VerifyAsync(message, late), [tooLate]);
            _results.AddRange(AuthenticationResultsWriter.Format(_dkim));
        }

        private async Task CheckChainAsync(ArcChain chain)
        {
            var tooLate = new ArcOutcome(ArcResult.TempError, TooLate, [], []);
            _arc = await WithinAsync(late => verifier._arc.ValidateAsync(chain, late), tooLate);
        }

        private async Task CheckAuthorsAsync()
        {
            var authors = AuthorDomains.Find(message.Header);
            _isOverfull = authors.Count > verifier._limits.AuthorDomains;
            if (authors.Count == 0) _results.Add("dmarc=permerror (From names no domain)");
            foreach (var author in authors.Take(verifier._limits.AuthorDomains))
            {
                var tooLate = new DmarcOutcome(DmarcResult.TempError, author, null, DmarcPolicy.None, TooLate, []) { PossiblePolicy = DmarcPolicy.Reject };
                var outcome = Overridden(await WithinAsync(late => verifier._dmarc.EvaluateAsync(author, _spf, _dkim, late), tooLate));
                _dmarc.Add(outcome);
                _results.Add(AuthenticationResultsWriter.Format(outcome));
            }
        }

        /// <summary>
        /// Reasons not to apply the domain's policy: DMARC cannot prove a forgery with only half the evidence, and a trusted forwarder has verified all of
        /// it.
        /// </summary>
        private DmarcOutcome Overridden(DmarcOutcome outcome)
        {
            if (outcome.Disposition == DmarcPolicy.None && outcome.PossiblePolicy == DmarcPolicy.None) return outcome;
            var why = verifier._checks is not { Spf: true, Dkim: true } ? LocalPolicy
                : _chain is not null && _arc is not null && verifier._sealers.FindVouchingSealer(_chain, _arc, outcome.Domain) is not null ? TrustedForwarder
                : null;
            return why is null ? outcome : outcome with { Disposition = DmarcPolicy.None, PossiblePolicy = DmarcPolicy.None, OverrideReason = why };
        }
    }
}
