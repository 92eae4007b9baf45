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

    /// <summary>
    /// Writes the ARC set in front of a forwarded message. Writes nothing when the chain must not be extended or was not checked, or when the domain has no
    /// RSA key (most ARC implementations support no other).
    /// </summary>
    public void Seal(IBufferWriter<byte> output, PreparedMessage prepared, MessageContent content, DateTimeOffset now)
    {
        if (prepared.Verdict is not { Arc: { } state } verdict || ForwarderOf(prepared.Accept.Transaction, prepared.Destinations) is not { } domain) return;
        if (signer?.KeysOf(domain).FirstOrDefault(static k => k.Algorithm == "rsa-sha256") is not { } key) return;
        if (SignedMessage.Read(content, limits.MaxHeaderSize) is not { } message) return;
        var set = ArcSealer.Seal(ArcChain.Read(message), state, key, new ArcSealOptions { AuthservId = hostname, Results = verdict.Results, Now = now });
        if (set is not null) Encoding.UTF8.GetBytes(set, output);
    }

    /// <summary>The domain of the alias that leads to another host; null when there is none, or when one of our users sent the message.</summary>
    private static string? ForwarderOf(MailTransaction transaction, ResolvedRecipients destinations) =>
        transaction.Policy == SessionPolicy.Receiving ? destinations.Remote.Values.FirstOrDefault()?.Domain : null;
}
