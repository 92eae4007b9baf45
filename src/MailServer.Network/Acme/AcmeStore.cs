using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MailServer.Network.Certificates;

namespace MailServer.Network.Acme;

/// <summary>
/// What ACME keeps on the disk, all of it for the owner only: an account for each authority, and for each name a key and a certificate. The key
/// stays the same when the certificate is renewed, so that a TLSA record of it (RFC 7671 §8.1) stays true.
/// </summary>
public sealed class AcmeStore
{
    private readonly string _directory;

    public AcmeStore(string directory)
    {
        _directory = directory;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(directory);
        else Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Where the certificate for a name is kept.</summary>
    public static string CertificateFile(string directory, string name) => Path.Combine(directory, FileName(name) + ".crt");

    /// <summary>The certificate for <paramref name="name"/>, or null when there is none that can be used.</summary>
    public ServerCertificate? Load(string name)
    {
        try
        {
            return File.Exists(CertificateFile(_directory, name)) ? PemCertificate.Load(CertificateFile(_directory, name), KeyFile(name)) : null;
        }
        catch (CertificateException)
        {
            // Another one is asked for.
            return null;
        }
    }

    /// <summary>Keeps a chain that was issued.</summary>
    /// <exception cref="CertificateException">It is not of the name's key.</exception>
    internal ServerCertificate Save(string name, string chainPem)
    {
        PemCertificate.Replace(CertificateFile(_directory, name), chainPem.TrimEnd(), PemCertificate.OwnerOnly);
        return PemCertificate.Load(CertificateFile(_directory, name), KeyFile(name));
    }

    /// <summary>The key of a name; a new one when there is none, or it cannot be used.</summary>
    internal ECDsa Key(string name)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        try
        {
            if (File.Exists(KeyFile(name))) key.ImportFromPem(File.ReadAllText(KeyFile(name)));
            else PemCertificate.Replace(KeyFile(name), key.ExportPkcs8PrivateKeyPem(), PemCertificate.OwnerOnly);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            PemCertificate.Replace(KeyFile(name), key.ExportPkcs8PrivateKeyPem(), PemCertificate.OwnerOnly);
        }

        return key;
    }

    internal AcmeAccountFile? LoadAccount(Uri authority)
    {
        try
        {
            var kept = File.Exists(AccountFile(authority)) ? JsonSerializer.Deserialize(File.ReadAllText(AccountFile(authority)), AcmeJson.Default.AcmeAccountFile) : null;
            return kept is { Key: not null, Account: not null } && kept.Directory == authority ? kept : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal void SaveAccount(AcmeAccountFile account) =>
        PemCertificate.Replace(AccountFile(account.Directory), JsonSerializer.Serialize(account, AcmeJson.Default.AcmeAccountFile), PemCertificate.OwnerOnly);

    internal void ForgetAccount(Uri authority) => File.Delete(AccountFile(authority));

    private string AccountFile(Uri authority)
    {
        const int EnoughDigits = 12;
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(authority.AbsoluteUri)));
        return Path.Combine(_directory, $"account.{authority.Host}.{digest[..EnoughDigits]}.json");
    }

    private string KeyFile(string name) => Path.Combine(_directory, FileName(name) + ".key");

    // Names are host names; a wildcard's star is no part of one.
    private static string FileName(string name) => name.Replace('*', '_');
}
