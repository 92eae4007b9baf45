using MailServer.Actors.Queue;
using MailServer.Configuration;
using MailServer.Protocol.Smtp.Client;

namespace MailServer.Hosting;

/// <summary>Creates the relay hosts from the configuration, with passwords from their files.</summary>
internal static class RelayHosts
{
    public static RelayHost? Default(DeliveryOptions options) =>
        options.RelayHost is { } relay ? new RelayHost(relay.Host, relay.Port, Credentials(options.RelayUser, options.RelayPasswordFile)) : null;

    public static IReadOnlyList<OutboundRoute> Routes(DeliveryOptions options) =>
        [.. options.Routes.Select(static r => new OutboundRoute(r.Domain, new RelayHost(r.Host.Host, r.Host.Port, Credentials(r.User, r.PasswordFile))))];

    private static SmtpCredentials? Credentials(string? user, string? file) => user is null || file is null ? null : new SmtpCredentials(user, CredentialFiles.RelayPassword(file));
}
