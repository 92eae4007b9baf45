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
/// What makes mail from outside acceptable elsewhere when an address of ours hands it on: a reverse-path of ours (SRS), because SPF of the sender's
/// domain does not know us, and an ARC seal, so that the next host can learn what we found.
/// </summary>
internal sealed class Forwarding(SenderRewriter? rewriter, OutboundSigner? signer, IDirectory directory, Limits limits, string hostname)
{
    /// <summary>The reverse-path under which the message goes to other hosts.</summary>
    public async ValueTask<EmailAddress?> SenderAsync(MailTransaction transaction, Destinations destinations, CancellationToken cancel)
    {
        var sender = transaction.Sender;
        if (rewriter is null || sender is null || ForwarderOf(transaction, destinations) is not { } domain) return sender;
        return await directory.IsHostedAsync(sender.Domain, cancel) ? sender : rewriter.Rewrite(sender, domain) ?? sender;
    }

    /// <summary>
    /// Writes the ARC set in front of a message that is handed on; nothing when the chain may not be added to, was not looked at, or the domain has no
    /// RSA key (others are not understood in ARC by most).
    /// </summary>
    public void Seal(IBufferWriter<byte> output, Prepared prepared, MessageContent content, DateTimeOffset now)
    {
        if (prepared.Verdict is not { Arc: { } state } verdict || ForwarderOf(prepared.Accept.Transaction, prepared.Destinations) is not { } domain) return;
        if (signer?.KeysOf(domain).FirstOrDefault(static k => k.Algorithm == "rsa-sha256") is not { } key) return;
        if (SignedMessage.Read(content, limits.MaxHeaderSize) is not { } message) return;
        var set = ArcSealer.Seal(ArcChain.Read(message), state, key, new ArcSealOptions { AuthservId = hostname, Results = verdict.Results, Now = now });
        if (set is not null) Encoding.UTF8.GetBytes(set, output);
    }

    /// <summary>The domain of the address that leads outside; null when none does, or the message is our own user's.</summary>
    private static string? ForwarderOf(MailTransaction transaction, Destinations destinations) =>
        transaction.Policy == SessionPolicy.Receiving ? destinations.Remote.Values.FirstOrDefault()?.Domain : null;
}
