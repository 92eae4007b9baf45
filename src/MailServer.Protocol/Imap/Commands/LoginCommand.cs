using System.Text;
using MailServer.Domain.Accounts;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>LOGIN (RFC 3501 §6.2.3).</summary>
internal sealed record LoginCommand(string User, string Password) : ImapCommand
{
    public static ImapCommand? Read(ref ImapReader reader)
    {
        if (!reader.ReadSpace() || !reader.ReadAString(out var user)) return null;
        if (!reader.ReadSpace() || !reader.ReadAString(out var password)) return null;
        return new LoginCommand(Encoding.UTF8.GetString(user), Encoding.UTF8.GetString(password));
    }

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        if (!Capabilities.MayAuthenticate(session))
        {
            session.Refuse(ImapError.PrivacyRequired);
            yield break;
        }

        yield return new ImapEffect.Authenticate(new AuthenticationRequest.CheckPassword(User, null, Password));
        if (session.Authentication is AuthenticationReply.Accepted { Account: var account }) session.SignIn(account);
        else session.FailSignIn(session.Authentication is not AuthenticationReply.Rejected);
    }

    /// <summary>Omits the password, because this text may be logged.</summary>
    public override string ToString() => $"Login {{ User = {User} }}";
}
