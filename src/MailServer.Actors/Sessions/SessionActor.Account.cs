using Akka.Actor;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Network.Listeners;
using MailServer.Storage.Spool;

namespace MailServer.Actors.Sessions;

// Sign-in, and the message that the client is sending; common to all sessions.
internal abstract partial class SessionActor
{
    private SpoolBuffer? _message;
    private bool _signedIn;
    private CredentialFingerprint? _stamp;

    /// <summary>The client has signed in to this account.</summary>
    protected abstract void OnSignedIn(Account account);

    /// <summary>Passes the result of a sign-in to the protocol session.</summary>
    protected abstract void Answer(AuthenticationReply reply);

    /// <summary>When the session began, or its client signed out.</summary>
    protected long SignedOutAt { get; private set; }

    /// <summary>Reports the session's account to the registry when its client signs in or out.</summary>
    protected void NoteAccount(Account? account)
    {
        if (_signedIn == account is not null) return;
        _signedIn = account is not null;
        if (account is not null)
        {
            OnSignedIn(account);
        }
        else
        {
            _stamp = null;
            SignedOutAt = Services.Time.GetTimestamp();
            OnSignedOut();
        }

        Context.Parent.Tell(new SessionProtocol.SignedIn(account?.Id, _stamp));
    }

    /// <summary>The client has signed out, and may sign in again.</summary>
    protected virtual void OnSignedOut()
    {
    }

    protected Step Authenticate(AuthenticationRequest request)
    {
        var pending = Services.Authenticator.AnswerAsync(request, Connection.Remote.Address, Connection.Kind.IsImap ? AccessScope.Mail : AccessScope.Submit);
        if (!pending.IsCompletedSuccessfully) return WaitFor(pending.AsTask());
        TakeAuthentication(pending.Result);
        return Step.Continue;
    }

    protected void TakeAuthentication(AuthenticationReply reply)
    {
        if (reply is AuthenticationReply.Accepted accepted) _stamp = accepted.Credential;
        Answer(reply);
    }

    /// <summary>Creates the buffer for the message that the client is about to send.</summary>
    protected SpoolBuffer NewMessage() => _message = Services.Spool.Begin();

    /// <summary>Returns the complete message; the caller must dispose it.</summary>
    protected SpoolBuffer TakeMessage()
    {
        var message = _message ?? throw new InvalidOperationException("there is no message");
        _message = null;
        return message;
    }

    protected void DropMessage()
    {
        _message?.Dispose();
        _message = null;
    }
}
