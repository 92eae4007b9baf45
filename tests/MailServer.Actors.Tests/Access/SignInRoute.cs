using System.Net;
using MailServer.Actors.Authentication;
using MailServer.Actors.Tests.Authentication;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Protocol.Sasl;

namespace MailServer.Actors.Tests.Access;

/// <summary>One sign-in method.</summary>
/// <param name="Name">The name shown in test output.</param>
/// <param name="TryAsync">Tries to sign in with a secret from an address; returns true on success.</param>
internal sealed record SignInRoute(string Name, Func<SignInTestBed, string, IPAddress, Task<bool>> TryAsync)
{
    /// <summary>Returns the correct secret.</summary>
    public Func<SignInTestBed, string> Right { get; init; } = static _ => SignInTestBed.OwnPassword;

    /// <summary>The correct secret completes a sign-in and resets earlier failures.</summary>
    public bool SignsIn { get; init; } = true;

    /// <summary>The account has a second factor, so the password alone is not enough.</summary>
    public bool HasCodes { get; init; }

    public override string ToString() => Name;

    public static IEnumerable<SignInRoute> All =>
    [
        .. from mechanism in SaslMechanisms.Names from scope in new[] { AccessScope.Mail, AccessScope.Submit } select Sasl(mechanism, scope),
        .. from mechanism in new[] { "PLAIN", "LOGIN" } from scope in new[] { AccessScope.Mail, AccessScope.Submit } select WithAppPassword(Sasl(mechanism, scope)),
        Password("IMAP LOGIN", AccessScope.Mail),
        WithAppPassword(Password("IMAP LOGIN", AccessScope.Mail)),
        Password("DAV Basic", AccessScope.Dav),
        WithAppPassword(Password("DAV Basic", AccessScope.Dav)),
        Page("page") with { HasCodes = false },
        Page("page with code") with { HasCodes = true },
        new("password of an open page", async static (world, secret, peer) => await world.Page.ConfirmAsync(await world.AccountAsync(), secret, peer) is PageSignInResult.Accepted) { SignsIn = false },
    ];

    private static SignInRoute Sasl(string mechanism, AccessScope scope) => new($"{mechanism} for {scope}", async (world, secret, peer) =>
        await SaslClient.RunAsync(mechanism, SignInTestBed.Login, secret, world.Authenticator, peer, scope, world.Asked) is SaslStep.Succeeded);

    private static SignInRoute Password(string name, AccessScope scope) => new(name, async (world, secret, peer) =>
    {
        var request = new AuthenticationRequest.CheckPassword(SignInTestBed.Login, null, secret);
        world.Asked(request);
        return await world.Authenticator.AnswerAsync(request, peer, scope) is AuthenticationReply.Accepted;
    });

    private static SignInRoute Page(string name) => new(name, static async (world, secret, peer) =>
        await world.Page.SignInAsync(SignInTestBed.Login, secret, world.NextCode(), peer, default) is PageSignInResult.Accepted);

    private static SignInRoute WithAppPassword(SignInRoute way) => way with { Name = $"{way.Name}, app password", Right = static world => world.AppPassword };
}
