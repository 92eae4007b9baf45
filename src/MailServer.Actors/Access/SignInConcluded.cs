using System.Net;

namespace MailServer.Actors.Access;

/// <summary>The result of a sign-in on one node of a cluster, for the others.</summary>
/// <param name="Network">The network of the client.</param>
/// <param name="Login">The key of the login name.</param>
/// <param name="Succeeded">False: the attempt failed.</param>
public sealed record SignInConcluded(IPAddress Network, string Login, bool Succeeded);
