using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MailServer.EndToEnd.Tests.Cluster;

/// <summary>The authority of the node certificates.</summary>
internal sealed class NodeAuthority : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private readonly X509Certificate2 _root;
    private readonly string _folder;

    /// <summary>Its certificate is <c>NAME.pem</c> in <paramref name="folder"/>.</summary>
    public NodeAuthority(string folder, string name)
    {
        _folder = folder;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        _root = request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(93));
        File.WriteAllText(Path.Combine(folder, name + ".pem"), _root.ExportCertificatePem());
    }

    /// <summary>Issues <c>NAME.pem</c> and <c>NAME.key</c>, expired if <paramref name="expired"/>.</summary>
    public void Sign(string name, bool expired = false)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        // A node is both server and client: serverAuth and clientAuth.
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        using var signed = request.Create(_root.SubjectName, X509SignatureGenerator.CreateForECDsa(_root.GetECDsaPrivateKey()!), Now.AddDays(-1), expired ? Now.AddHours(-1) : Now.AddDays(92), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(Path.Combine(_folder, name + ".pem"), signed.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, name + ".key"), key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose() => _root.Dispose();
}
