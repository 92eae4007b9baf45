using MailServer.Domain.Accounts;

namespace MailServer.Protocol.Tests.Imap;

/// <summary>Accepts one account, <c>alice@example.org</c> with the password <c>secret</c>; the login <c>busy</c> is unavailable.</summary>
internal static class TestAuthenticator
{
    public static AuthenticationReply Answer(AuthenticationRequest request) => request switch
    {
        AuthenticationRequest.CheckPassword { Login: "busy" } => new AuthenticationReply.Unavailable(),
        AuthenticationRequest.CheckPassword { Login: "alice@example.org", Password: "secret" } => new AuthenticationReply.Accepted(ImapDriver.Alice),
        _ => new AuthenticationReply.Rejected(),
    };
}
