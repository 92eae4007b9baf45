using MailServer.Domain;
using MailServer.Domain.Accounts;

namespace MailServer.Protocol.Sasl;

/// <summary>PLAIN (RFC 4616): <c>[authzid] NUL authcid NUL passwd</c> in a single message.</summary>
internal sealed class PlainMechanism(Limits limits) : ISaslMechanism
{
    public SaslStep Start(ReadOnlyMemory<byte>? initialResponse) =>
        initialResponse is { } response ? Next(response) : new SaslStep.Challenge(ReadOnlyMemory<byte>.Empty);

    public SaslStep Next(ReadOnlyMemory<byte> response)
    {
        var message = response.Span;
        var first = message.IndexOf((byte)0);
        if (first < 0) return new SaslStep.Malformed();
        var rest = message[(first + 1)..];
        var second = rest.IndexOf((byte)0);
        if (second < 0) return new SaslStep.Malformed();
        if (!SaslText.TryRead(rest[..second], limits, out var login) || !SaslText.TryRead(rest[(second + 1)..], limits, out var password))
            return new SaslStep.Malformed();
        string? authorizeAs = null;
        if (first > 0 && !SaslText.TryRead(message[..first], limits, out authorizeAs)) return new SaslStep.Malformed();
        login = SaslText.PrepareName(login);
        if (!SaslText.IsSameIdentity(authorizeAs, login)) return new SaslStep.Failed(Temporary: false);
        return new SaslStep.RequestAuthentication(new AuthenticationRequest.CheckPassword(login, authorizeAs, password));
    }

    public SaslStep Answer(AuthenticationReply reply) => SaslText.Conclude(reply);
}
