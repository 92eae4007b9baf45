using System.Text;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Sessions;
using MailServer.Protocol.Sasl;

namespace MailServer.Protocol.Tests.Sasl;

internal static class SaslExchange
{
    public static Account User { get; } = new(new AccountId(1), EmailAddress.Parse("user@example.org"), Enabled: true, DateTimeOffset.UnixEpoch);

    /// <summary>A connection without anything to bind to.</summary>
    public static TlsInfo Unbound { get; } = new("TLSv1.3", "TLS_AES_256_GCM_SHA384", null);

    /// <summary>A connection with all bindings.</summary>
    public static TlsInfo Bound { get; } = With(new TlsBindings(Bytes("exporter"), Bytes("end point")));

    /// <summary>A connection with these bindings.</summary>
    public static TlsInfo With(TlsBindings bindings) => new BindableTlsInfo("TLSv1.3", "TLS_AES_256_GCM_SHA384", null, bindings);

    public static ISaslMechanism Mechanism(string name, string nonce = "server", TlsInfo? tls = null) => SaslMechanisms.Create(name, Limits.Default, tls, () => nonce)!;

    public static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(SaslStep step) => Encoding.UTF8.GetString(Assert.IsType<SaslStep.Challenge>(step).Octets.Span);

    public static T Asked<T>(SaslStep step) where T : AuthenticationRequest => Assert.IsType<T>(Assert.IsType<SaslStep.RequestAuthentication>(step).Request);
}
