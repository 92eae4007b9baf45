using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailServer.Domain.Certificates;
using MailServer.Domain.Health;
using MailServer.Network.Certificates;
using MailServer.Network.Tests.Tls;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailServer.Network.Tests.Certificates;

/// <summary>Every fault of certificate files, at start and on reload.</summary>
public sealed class FileCertificateTests : IDisposable
{
    private const string Host = "mail.test";
    private static readonly TestAuthority Authority = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("certificate-files");
    private readonly NodeProblems _problems = new();
    private readonly string _certificate;
    private readonly string _key;

    public FileCertificateTests() => (_certificate, _key) = (Path.Combine(_folder.FullName, "cert.pem"), Path.Combine(_folder.FullName, "key.pem"));

    /// <summary>Unusable files, each with a word of the error message.</summary>
    public static TheoryData<string, string> Damages => new()
    {
        { "no certificate file", "cert.pem" }, { "no key file", "key.pem" }, { "empty certificate file", "cert.pem" }, { "empty key file", "key.pem" },
        { "garbage as certificate", "cert.pem" }, { "garbage as key", "key.pem" }, { "half a certificate", "cert.pem" }, { "half a key", "key.pem" },
        { "key of another", "key.pem" }, { "folder as certificate", "cert.pem" }, { "folder as key", "key.pem" }, { "files exchanged", "cert.pem" },
        { "huge certificate file", "too large" }, { "dangling link", "cert.pem" },
        { "FIFO as certificate", "not a regular file" }, { "FIFO as key", "not a regular file" }, { "device as certificate", "too large" },
    };

    /// <summary>Usable files that clients will reject, each with a word of the reported problem.</summary>
    public static TheoryData<string, string> Faults => new()
    {
        { "wrong name", "it is for other.test, not for mail.test" }, { "not yet valid", "not valid before" }, { "expired", "expired on" },
        { "chain incomplete", "chain is incomplete" },
        { "short key", "an RSA key of 1024 bits" }, { "signed with SHA-1", "signed with SHA-1" }, { "for clients", "not for servers" },
    };

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Damages))]
    public void Damaged_files_are_named_at_start(string damage, string named)
    {
        Damage(damage);
        var refused = Assert.Throws<CertificateException>(Open);
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public void Damaged_files_leave_the_good_certificate_in_use_until_they_are_repaired(string damage, string named)
    {
        Write();
        using var source = Open();
        var good = source.Current;
        Remove();
        Damage(damage);
        var kept = source.Refresh();
        Assert.Equal(CertificateReloadOutcome.Kept, kept.Outcome);
        Assert.Same(good, source.Current);
        var problem = Assert.Single(_problems.Current);
        Assert.Contains(named, problem.Text, StringComparison.Ordinal);
        Assert.Contains("mailserver tls reload", problem.Remedy, StringComparison.Ordinal);

        Remove();
        Write();
        Assert.Equal(CertificateReloadOutcome.Taken, source.Refresh().Outcome);
        Assert.NotSame(good, source.Current);
        Assert.Empty(_problems.Current);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Faults_that_clients_reject_are_reported_at_start(string fault, string named)
    {
        Spoil(fault);
        using var source = Open();
        var problem = Assert.Single(_problems.Current);
        Assert.Equal("certificate " + _certificate, problem.Subject);
        Assert.Contains(named, problem.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Faults_that_clients_reject_leave_the_good_certificate_in_use(string fault, string named)
    {
        Write();
        using var source = Open();
        var good = source.Current;
        Assert.Empty(_problems.Current);
        Spoil(fault);
        var kept = source.Refresh();
        Assert.Equal((CertificateReloadOutcome.Kept, true), (kept.Outcome, kept.Text.Contains(named, StringComparison.Ordinal)));
        Assert.Same(good, source.Current);
        Assert.Contains(named, Assert.Single(_problems.Current).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_faulty_certificate_is_replaced_even_by_another_faulty_one()
    {
        Spoil("expired");
        using var source = Open();
        Spoil("wrong name");
        Assert.Equal(CertificateReloadOutcome.Taken, source.Refresh().Outcome);
    }

    [Theory]
    [InlineData("in place")]
    [InlineData("renamed over")]
    [InlineData("link to another file")]
    [InlineData("target of a link exchanged")]
    [InlineData("folder link exchanged")]
    [InlineData("older time stamp")]
    [InlineData("same time stamp")]
    public void New_files_are_loaded_however_they_are_replaced(string way)
    {
        var stamp = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var (first, second) = (Folder("first"), Folder("second"));
        WriteTo(first);
        WriteTo(second);
        foreach (var file in _folder.GetFiles("*.pem", SearchOption.AllDirectories)) file.LastWriteTimeUtc = stamp;
        if (way == "folder link exchanged")
        {
            // Like secrets mounted by Kubernetes: the files are links through another link.
            Directory.CreateSymbolicLink(Folder("..data"), first);
            foreach (var file in new[] { _certificate, _key }) File.CreateSymbolicLink(file, Path.Combine("..data", Path.GetFileName(file)));
        }
        else if (way.Contains("link", StringComparison.Ordinal)) Link(first);
        else Copy(first);
        using var source = Open();

        switch (way)
        {
            case "renamed over":
                foreach (var file in new[] { _certificate, _key }) File.Move(Path.Combine(second, Path.GetFileName(file)), file, overwrite: true);
                break;
            case "link to another file":
                Remove();
                Link(second);
                break;
            case "target of a link exchanged":
                foreach (var file in new DirectoryInfo(second).GetFiles()) file.CopyTo(Path.Combine(first, file.Name), overwrite: true);
                break;
            case "folder link exchanged":
                Directory.Delete(Folder("..data"));
                Directory.CreateSymbolicLink(Folder("..data"), second);
                break;
            default:
                Copy(second);
                foreach (var file in new[] { _certificate, _key }) File.SetLastWriteTimeUtc(file, way == "older time stamp" ? stamp.AddDays(-1) : stamp);
                break;
        }

        var before = source.Current.Certificate.Thumbprint;
        Assert.Equal(CertificateReloadOutcome.Taken, source.Refresh().Outcome);
        Assert.NotEqual(before, source.Current.Certificate.Thumbprint);
        Assert.Equal(CertificateReloadOutcome.Unchanged, source.Refresh().Outcome);
    }

    private FileCertificateSource Open() =>
        new(new CertificateFiles(_certificate, _key, Host), _problems, TimeProvider.System, NullLogger<FileCertificateSource>.Instance);

    private string Folder(string name) => Path.Combine(_folder.FullName, name);

    private void Write(string name = Host, int age = 1, bool chain = true) => WriteTo(_folder.FullName, name, age, chain);

    private static void WriteTo(string folder, string name = Host, int age = 1, bool chain = true)
    {
        Directory.CreateDirectory(folder);
        using var made = Authority.Issue(name, age);
        using var key = made.GetECDsaPrivateKey()!;
        var rest = chain ? "\n" + Authority.Intermediate.ExportCertificatePem() : "";
        File.WriteAllText(Path.Combine(folder, "cert.pem"), made.ExportCertificatePem() + rest + "\n");
        File.WriteAllText(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <summary>A certificate below a root of its own.</summary>
    private void WriteRsa(int bits, bool isSha1, string usage)
    {
        using var rootKey = RSA.Create(2048);
        var (from, until) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(5));
        var rootRequest = new CertificateRequest("CN=root", rootKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var root = rootRequest.CreateSelfSigned(from, until);
        using var key = RSA.Create(bits);
        var request = new CertificateRequest("CN=" + Host, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        var signatures = isSha1 ? new Sha1Signatures(rootKey) : X509SignatureGenerator.CreateForRSA(rootKey, RSASignaturePadding.Pkcs1);
        using var made = request.Create(root.SubjectName, signatures, from, until, [1, 2, 3]);
        File.WriteAllText(_certificate, made.ExportCertificatePem() + "\n" + root.ExportCertificatePem() + "\n");
        File.WriteAllText(_key, key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    private void Copy(string from)
    {
        foreach (var file in new DirectoryInfo(from).GetFiles()) file.CopyTo(Path.Combine(_folder.FullName, file.Name), overwrite: true);
    }

    private void Link(string to)
    {
        foreach (var file in new[] { _certificate, _key }) File.CreateSymbolicLink(file, Path.Combine(to, Path.GetFileName(file)));
    }

    private void Remove()
    {
        foreach (var file in new[] { _certificate, _key })
        {
            if (Directory.Exists(file)) Directory.Delete(file);
            else File.Delete(file);
        }
    }

    private void Spoil(string fault)
    {
        switch (fault)
        {
            case "wrong name":
                Write("other.test");
                break;
            case "not yet valid":
                Write(age: -2);
                break;
            case "expired":
                Write(age: 9);
                break;
            case "chain incomplete":
                Write(chain: false);
                break;
            case "short key":
                WriteRsa(1024, isSha1: false, "1.3.6.1.5.5.7.3.1");
                break;
            case "signed with SHA-1":
                WriteRsa(2048, isSha1: true, "1.3.6.1.5.5.7.3.1");
                break;
            case "for clients":
                WriteRsa(2048, isSha1: false, "1.3.6.1.5.5.7.3.2");
                break;
            default:
                throw new ArgumentException(fault);
        }
    }

    private void Damage(string damage)
    {
        Write();
        var (certificate, key) = (File.ReadAllText(_certificate), File.ReadAllText(_key));
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Remove();
        object?[] files = damage switch
        {
            "no certificate file" => [null, key],
            "no key file" => [certificate, null],
            "empty certificate file" => ["", key],
            "empty key file" => [certificate, ""],
            "garbage as certificate" => [new string('\0', 500), key],
            "garbage as key" => [certificate, new string('\0', 500)],
            "half a certificate" => [certificate[..(certificate.Length / 4)], key],
            "half a key" => [certificate, key[..(key.Length / 2)]],
            "key of another" => [certificate, other.ExportPkcs8PrivateKeyPem()],
            "folder as certificate" => [true, key],
            "folder as key" => [certificate, true],
            "files exchanged" => [key, certificate],
            "huge certificate file" => [certificate + new string('\n', 2_000_000), key],
            "dangling link" => [false, key],
            "FIFO as certificate" => ['f', key],
            "FIFO as key" => [certificate, 'f'],
            "device as certificate" => ['d', key],
            _ => throw new ArgumentException(damage),
        };
        foreach (var (file, content) in new[] { _certificate, _key }.Zip(files))
        {
            if (content is string text) File.WriteAllText(file, text);
            else if (content is true) Directory.CreateDirectory(file);
            else if (content is false) File.CreateSymbolicLink(file, Folder("nothing"));
            else if (content is 'd') File.CreateSymbolicLink(file, "/dev/zero");
            else if (content is 'f')
                using (var made = System.Diagnostics.Process.Start("mkfifo", [file])) made.WaitForExit();
        }
    }

    /// <summary>Signs as authorities did before 2017; the framework refuses to.</summary>
    private sealed class Sha1Signatures(RSA key) : X509SignatureGenerator
    {
        // sha1WithRSAEncryption (RFC 8017 appendix A.2.4), as an AlgorithmIdentifier in DER.
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => Convert.FromHexString("300D06092A864886F70D0101050500");

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => key.SignData(data, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1);

        protected override PublicKey BuildPublicKey() => CreateForRSA(key, RSASignaturePadding.Pkcs1).PublicKey;
    }
}
