using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MailServer.Network.Tests.Tls;

/// <summary>A private root, an intermediate authority, and the certificates that they issue.</summary>
internal sealed class TestAuthority
{
    private readonly X509Certificate2 _intermediate;

    public TestAuthority(string name = "test authority")
    {
        Root = Make($"CN={name}", null, DateTimeOffset.UtcNow.AddDays(-10), authority: true);
        _intermediate = Make($"CN={name} below", Root, DateTimeOffset.UtcNow.AddDays(-10), authority: true);
    }

    public X509Certificate2 Root { get; }

    public X509Certificate2Collection Roots => [X509CertificateLoader.LoadCertificate(Root.RawData)];

    /// <summary>The chain that a host sends with its certificate.</summary>
    public X509Certificate2Collection Chain => [X509CertificateLoader.LoadCertificate(_intermediate.RawData), X509CertificateLoader.LoadCertificate(Root.RawData)];

    public X509Certificate2 Intermediate => _intermediate;

    /// <summary>Issues a host certificate for a name, signed by the intermediate; <paramref name="age"/> days old, valid for five.</summary>
    public X509Certificate2 Issue(string name, int age = 1)
    {
        using var made = Make($"CN={name}", _intermediate, DateTimeOffset.UtcNow.AddDays(-age), name: name);
        // A key type that every TLS platform supports.
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    private static X509Certificate2 Make(string subject, X509Certificate2? issuer, DateTimeOffset from, bool authority = false, string? name = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        if (name is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            if (IPAddress.TryParse(name, out var address)) names.AddIpAddress(address);
            else names.AddDnsName(name);
            request.CertificateExtensions.Add(names.Build());
        }

        var until = from.AddDays(authority ? 60 : 5);
        if (issuer is null) return request.CreateSelfSigned(from, until);
        var serial = RandomNumberGenerator.GetBytes(8);
        using var signed = request.Create(issuer, Later(from, new DateTimeOffset(issuer.NotBefore)), Earlier(until, new DateTimeOffset(issuer.NotAfter)), serial);
        return signed.CopyWithPrivateKey(key);
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
