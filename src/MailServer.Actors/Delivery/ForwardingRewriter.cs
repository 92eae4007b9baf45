using System.Buffers;
using System.Text;
using MailServer.Actors.Submission;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Protocol.MessageAuthentication;
using MailServer.Protocol.MessageAuthentication.Arc;
using MailServer.Protocol.MessageAuthentication.AuthenticationResults;
using MailServer.Protocol.Smtp.SenderRewriting;

namespace MailServer.Actors.Delivery;

/// <summary>
/// Prepares mail that an alias forwards to other hosts: rewrites the envelope sender (SRS), because the original domain's SPF record does not list this
/// server, and adds an ARC seal with our authentication results.
/// </summary>
internal sealed class ForwardingRewriter(SenderRewriter? rewriter, OutboundSigner? signer, IDirectory directory, Limits limits, string hostname)
{
    /// <summary>The envelope sender for the copies to other hosts.</summary>
    public async ValueTask<EmailAddress?> RewriteSenderAsync(MailTransaction transaction, ResolvedRecipients destinations, CancellationToken cancel)
    {
        var sender = transaction.Sender;
        if (rewriter is null || sender is null || ForwarderOf(transaction, destinations) is not { } domain) return sender;
        return await directory.IsHostedAsync(sender.Domain, cancel) ? sender : rewriter.Rewrite(sender, domain) ?? sender;
    }

    /// <summary>The envelope sender for a copy that a script of an account in <paramref name="domain"/> sends on. A null sender stays one.</summary>
    public async ValueTask<EmailAddress?> RewriteSenderAsync(EmailAddress? sender, string domain, CancellationToken cancel) =>
        rewriter is null || sender is null || await directory.IsHostedAsync(sender.Domain, cancel) ? sender : rewriter.Rewrite(sender, domain) ?? sender;

    /// <summary>The original sender of an address that this server has rewritten; null for other addresses.</summary>
    public EmailAddress? Restore(EmailAddress address) => rewriter is not null && SenderRewriter.IsRewritten(address) ? rewriter.Restore(address) : null;

    /// <summary>Writes the ARC set in front of a message that a script sends on, from the results that this server wrote when the message arrived.</summary>
    public void Seal(IBufferWriter<byte> output, ReadOnlySpan<byte> header, string domain, MessageContent content, DateTimeOffset now)
    {
        var results = AuthenticationResultsReader.Read(header, hostname);
        if (results.FirstOrDefault(static r => r.StartsWith("arc=", StringComparison.Ordinal)) is not { } checkedChain) return;
        var state = checkedChain.StartsWith("arc=pass", StringComparison.Ordinal) ? ArcResult.Pass
            : checkedChain.StartsWith("arc=none", StringComparison.Ordinal) ? ArcResult.None
            : checkedChain.StartsWith("arc=temperror", StringComparison.Ordinal) ? ArcResult.TempError : ArcResult.Fail;
        Seal(output, domain, content, state, results, now);
    }

    /// <summary>
    /// Writes the ARC set in front of a forwarded message. Writes nothing when the chain must not be extended or was not checked, or when the domain has no
    /// RSA key (most ARC implementations support no other).
    /// </summary>
    public void Seal(IBufferWriter<byte> output, PreparedMessage prepared, MessageContent content, DateTimeOffset now)
    {
        if (prepared.Verdict is not { Arc: { } state } verdict || ForwarderOf(prepared.Accept.Transaction, prepared.Destinations) is not { } domain) return;
        Seal(output, domain, content, state, verdict.Results, now);
    }

    private void Seal(IBufferWriter<byte> output, string domain, MessageContent content, ArcResult state, IReadOnlyList<string> results, DateTimeOffset now)
    {
        if (signer?.KeysOf(domain).FirstOrDefault(static k => k.Algorithm == "rsa-sha256") is not { } key) return;
        if (SignedMessage.Read(content, limits.MaxHeaderSize) is not { } message) return;
        var set = ArcSealer.Seal(ArcChain.Read(message), state, key, new ArcSealOptions { AuthservId = hostname, Results = results, Now = now });
        if (set is not null) Encoding.UTF8.GetBytes(set, output);
    }

    /// <summary>The domain of the alias that leads to another host; null when there is none, or when one of our users sent the message.</summary>
    private static string? ForwarderOf(MailTransaction transaction, ResolvedRecipients destinations) =>
        transaction.Policy == SessionPolicy.Receiving ? destinations.Remote.Values.FirstOrDefault()?.Domain : null;
}
