using System.Buffers;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Protocol.MessageAuthentication;

namespace MailServer.Actors.Submission;

/// <summary>
/// Signs mail with the DKIM keys of a domain. Keys are looked up for each message through <paramref name="keysOf"/>, which caches them: a key created on
/// the command line is used without a restart. Mail of a domain whose keys cannot be used is deferred, never sent unsigned.
/// </summary>
/// <param name="keysOf">The usable keys of a domain.</param>
/// <param name="canSign">False for a domain that has keys, of which none can be used.</param>
public sealed class OutboundSigner(Func<string, IReadOnlyList<DkimKey>> keysOf, Func<string, bool> canSign)
{
    /// <summary>The answer to mail that cannot be signed. The administrator sees which key is the reason.</summary>
    public static readonly SmtpReply CannotSign = new(451, "4.7.5", "The message cannot be signed (DKIM) at the moment, try again later");

    /// <summary>The keys of a domain; empty if it has none.</summary>
    public IReadOnlyList<DkimKey> KeysOf(string domain) => keysOf(domain);

    /// <summary>True if <see cref="Sign"/> signs mail from the domain, or if the domain has no keys and sends unsigned mail.</summary>
    public bool CanSign(string domain) => canSign(domain);

    /// <summary>Writes the DKIM-Signature fields for mail from <paramref name="domain"/>; writes nothing when it has no key or the header is too long.</summary>
    public void Sign(IBufferWriter<byte> output, string domain, ReadOnlySpan<byte> addedFields, MessageContent content, DateTimeOffset now, int maxHeader)
    {
        if (keysOf(domain) is { Count: > 0 } keys) DkimSigner.TrySign(output, keys, addedFields, content, now, maxHeader);
    }
}
