using MailServer.Domain;
using MailServer.Domain.Accounts;

namespace MailServer.Protocol.Sasl;

/// <summary>LOGIN (draft-murchison-sasl-login): the name, then the password. Outlook sends the name as initial response.</summary>
internal sealed class LoginMechanism(Limits limits) : ISaslMechanism
{
    private string? _login;

    public SaslStep Start(ReadOnlyMemory<byte>? initialResponse) =>
        initialResponse is { IsEmpty: false } name ? Next(name) : new SaslStep.Challenge("Username:"u8.ToArray());

    public SaslStep Next(ReadOnlyMemory<byte> response)
    {
        if (!SaslText.TryRead(response.Span, limits, out var text)) return new SaslStep.Malformed();
        if (_login is { } login) return new SaslStep.RequestAuthentication(new AuthenticationRequest.CheckPassword(login, AuthorizeAs: null, text));
        _login = SaslText.PrepareName(text);
        return new SaslStep.Challenge("Password:"u8.ToArray());
    }

    public SaslStep Answer(AuthenticationReply reply) => SaslText.Conclude(reply);
}
