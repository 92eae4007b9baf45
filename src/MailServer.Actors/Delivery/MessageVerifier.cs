using System.Buffers;
using System.Text;
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

/// <summary>Which checks incoming mail goes through (<c>security.verify_*</c>).</summary>
public sealed record TrustChecks(bool Spf, bool Dkim, bool Dmarc)
{
    public bool Any => Spf || Dkim || Dmarc;
}

/// <summary>What the checks of one message came to.</summary>
/// <param name="Results">A method each, as Authentication-Results has them.</param>
/// <param name="Refusal">Not null: the author's domain wants such mail refused.</param>
/// <param name="QuarantineReason">Not null: it belongs into Junk, and why.</param>
/// <param name="CleanHeader">Not null: the header section without results that the sender wrote in our name.</param>
/// <param name="HeaderLength">Octets of the header section as it came.</param>
public sealed record TrustVerdict(
    IReadOnlyList<string> Results, SmtpReply? Refusal, string? QuarantineReason, byte[]? CleanHeader, int HeaderLength)
{
    public override string ToString() => string.Join("; ", Results);

    /// <summary>The fields that tell the verdict to those who read the message.</summary>
    public void Write(IBufferWriter<byte> output, string hostname)
    {
        Encoding.ASCII.GetBytes(ResultTexts.Field(hostname, Results), output);
        if (QuarantineReason is not null) Encoding.ASCII.GetBytes($"X-Quarantine-Reason: {QuarantineReason}\r\n", output);
    }
}

/// <summary>
/// Checks who an incoming message is from (SPF, DKIM, ARC, DMARC, iprev) and what its author's domain wants done with it. DMARC needs both SPF
/// and DKIM to find a message false: with one of them switched off it only reports. Trouble with DNS is reported, and refuses nothing.
/// Safe to use from several threads.
/// </summary>
public sealed class MessageVerifier
{
    private readonly TrustChecks _checks;
    private readonly Limits _limits;
    private readonly string _hostname;
    private readonly SpfEvaluator _spf;
    private readonly DkimVerifier _dkim;
    private readonly ArcValidator _arc;
    private readonly DmarcEvaluator _dmarc;
    private readonly ReverseName _reverse;

    public MessageVerifier(IDnsLookup dns, TimeProvider time, Limits limits, string hostname, TrustChecks checks)
    {
        _checks = checks;
        _limits = limits;
        _hostname = hostname;
        _spf = new SpfEvaluator(dns, time);
        _dkim = new DkimVerifier(dns, time, limits);
        _arc = new ArcValidator(dns);
        _dmarc = new DmarcEvaluator(dns);
        _reverse = new ReverseName(dns);
    }

    /// <summary>Null when the header section is too long to be looked at. The content must stay open until this ends.</summary>
    public async Task<TrustVerdict?> VerifyAsync(MailTransaction transaction, MessageContent content, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        if (SignedMessage.Read(content, _limits.MaxHeaderSize) is not { } message) return null;
        var run = new Run(this, transaction, message, cancel);
        await run.CheckAllAsync();
        var header = message.Header;
        var clean = ReportedResults.HasForged(header, _hostname) ? ReportedResults.WithoutForged(header, _hostname) : null;
        return run.Judge(clean, header.Length);
    }

    private sealed class Run(MessageVerifier verifier, MailTransaction transaction, SignedMessage message, CancellationToken cancel)
    {
        private const string TooLate = "no answer in time";
        private readonly List<string> _results = [];
        private readonly List<DmarcOutcome> _dmarc = [];
        private bool _isOverfull;

        public async Task CheckAllAsync()
        {
            var checks = verifier._checks;
            SpfOutcome? spf = null;
            IReadOnlyList<DkimOutcome> dkim = [];
            var address = transaction.RemoteAddress;
            var unnamed = new ReverseNameOutcome(ReverseNameResult.TempError, address, null);
            _results.Add(ResultTexts.Of(await WithinAsync(late => verifier._reverse.EvaluateAsync(address, late), unnamed)));
            // Read first, so that the body is hashed once for chain and signatures.
            var chain = checks.Dkim ? ArcChain.Read(message) : null;
            if (checks.Spf) spf = await CheckSpfAsync();
            if (checks.Dkim) dkim = await CheckSignaturesAsync();
            if (checks.Dmarc) await CheckAuthorsAsync(spf, dkim);
            if (chain is { IsEmpty: false }) await CheckChainAsync(chain);
        }

        /// <summary>
        /// Each check has its own time, so that a sender whose DNS is slow on purpose cannot use up that of the others. One that does not end in
        /// time is a temporary error, never a pass.
        /// </summary>
        private async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> check, T tooLate)
        {
            using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            late.CancelAfter(verifier._limits.TrustCheck);
            try
            {
                return await check(late.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                return tooLate;
            }
        }

        public TrustVerdict Judge(byte[]? cleanHeader, int headerLength)
        {
            var strictest = _dmarc.MaxBy(d => d.Disposition);
            // One check alone cannot tell a forgery: half the evidence is missing.
            var disposition = verifier._checks is { Spf: true, Dkim: true } ? strictest?.Disposition ?? DmarcPolicy.None : DmarcPolicy.None;
            var refusal = disposition == DmarcPolicy.Reject
                ? new SmtpReply(550, "5.7.1", $"Refused by the DMARC policy of {strictest!.Domain}")
                : null;
            var reason = disposition == DmarcPolicy.Quarantine ? $"DMARC policy of {strictest!.Domain}"
                : _isOverfull ? "From names too many domains"
                : null;
            return new TrustVerdict(_results, refusal, reason, cleanHeader, headerLength);
        }

        private async Task<SpfOutcome> CheckSpfAsync()
        {
            var query = new SpfQuery(transaction.RemoteAddress, transaction.HeloName, transaction.Sender?.ToString()) { Receiver = verifier._hostname };
            var tooLate = new SpfOutcome(SpfResult.TempError, query.Domain, TooLate, null, []);
            var spf = await WithinAsync(late => verifier._spf.EvaluateAsync(query, late), tooLate);
            _results.Add(ResultTexts.Of(spf, query));
            return spf;
        }

        private async Task<IReadOnlyList<DkimOutcome>> CheckSignaturesAsync()
        {
            var tooLate = new DkimOutcome { Result = DkimResult.TempError, Reason = TooLate };
            var dkim = await WithinAsync(late => verifier._dkim.VerifyAsync(message, late), [tooLate]);
            _results.AddRange(ResultTexts.Of(dkim));
            return dkim;
        }

        private async Task CheckChainAsync(ArcChain chain)
        {
            var tooLate = new ArcOutcome(ArcResult.TempError, TooLate, [], []);
            _results.Add(ResultTexts.Of(await WithinAsync(late => verifier._arc.ValidateAsync(chain, late), tooLate)));
        }

        private async Task CheckAuthorsAsync(SpfOutcome? spf, IReadOnlyList<DkimOutcome> dkim)
        {
            var authors = AuthorDomains.Of(message.Header);
            _isOverfull = authors.Count > verifier._limits.AuthorDomains;
            if (authors.Count == 0) _results.Add("dmarc=permerror (From names no domain)");
            foreach (var author in authors.Take(verifier._limits.AuthorDomains))
            {
                var tooLate = new DmarcOutcome(DmarcResult.TempError, author, null, DmarcPolicy.None, TooLate, []);
                var outcome = await WithinAsync(late => verifier._dmarc.EvaluateAsync(author, spf, dkim, late), tooLate);
                _dmarc.Add(outcome);
                _results.Add(ResultTexts.Of(outcome));
            }
        }
    }
}
