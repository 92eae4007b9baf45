using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MailServer.Network.Certificates;

namespace MailServer.Network.Acme;

/// <summary>
/// The files of ACME, readable by their owner only: an account for each authority, and a key and certificate for each name. A renewed certificate uses the
/// same key, so that TLSA records for it stay valid (RFC 7671 §8.1).
/// </summary>
public sealed class AcmeStore
{
    /// <summary>How an administrator repairs an unusable account file.</summary>
    public const string AccountFileRemedy = "give the file to the user that the server runs as (chown, mode 0600), then run 'mailserver tls renew'";

    private const int MostSetAside = 9;
    private readonly string _directory;

    public AcmeStore(string directory)
    {
        _directory = directory;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(directory);
        else Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>The path of a name's certificate file.</summary>
    public static string CertificateFile(string directory, string name) => Path.Combine(directory, FileName(name) + ".crt");

    /// <summary>The certificate for <paramref name="name"/>; null when there is no usable one.</summary>
    public ServerCertificate? Load(string name)
    {
        try
        {
            return File.Exists(CertificateFile(_directory, name)) ? PemCertificate.Load(CertificateFile(_directory, name), KeyFile(name)) : null;
        }
        catch (CertificateException)
        {
            // A new one will be ordered.
            return null;
        }
    }

    /// <summary>Stores an issued chain.</summary>
    /// <exception cref="CertificateException">The certificate does not match the name's key; the stored one is unchanged.</exception>
    internal ServerCertificate Save(string name, string chainPem)
    {
        var issued = PemCertificate.Parse(chainPem, File.ReadAllText(KeyFile(name)), $"the certificate issued for {name} with key {KeyFile(name)}");
        if (!issued.IsFor(name)) throw new CertificateException($"the certificate issued for {name} is for {string.Join(", ", issued.Names)}");
        PemCertificate.Replace(CertificateFile(_directory, name), chainPem.TrimEnd(), PemCertificate.OwnerOnly);
        return issued;
    }

    /// <summary>The key of a name; a new one when there is no usable one.</summary>
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

    /// <summary>The account at an authority; null when there is none, or when a damaged file was set aside.</summary>
    /// <exception cref="AcmeException">The file cannot be read.</exception>
    internal AcmeAccountFile? LoadAccount(Uri authority)
    {
        var file = AccountFile(authority);
        if (!File.Exists(file)) return null;
        try
        {
            var kept = JsonSerializer.Deserialize(File.ReadAllText(file), AcmeJson.Default.AcmeAccountFile);
            if (kept is { Key: not null, Account: not null } && kept.Directory == authority)
            {
                AcmeAccountKey.FromPem(kept.Key).Dispose();
                return kept;
            }
        }
        catch (Exception e) when (e is JsonException or CryptographicException)
        {
            // The file is damaged: register a new account.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AcmeException(AcmeFailure.AccountFile, $"the account file {file} cannot be read: {e.Message}", null, e);
        }

        SetAccountAside(authority);
        return null;
    }

    /// <exception cref="AcmeException">The file cannot be written.</exception>
    internal void SaveAccount(AcmeAccountFile account)
    {
        var file = AccountFile(account.Directory);
        try
        {
            PemCertificate.Replace(file, JsonSerializer.Serialize(account, AcmeJson.Default.AcmeAccountFile), PemCertificate.OwnerOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AcmeException(AcmeFailure.AccountFile, $"the account file {file} cannot be written: {e.Message}", null, e);
        }
    }

    /// <summary>Renames the file of an unusable account: its key may still be needed, for example to revoke certificates.</summary>
    internal void SetAccountAside(Uri authority)
    {
        var file = AccountFile(authority);
        if (!File.Exists(file)) return;
        var number = Enumerable.Range(1, MostSetAside).FirstOrDefault(n => !File.Exists($"{file}.old{n}"), MostSetAside);
        try
        {
            File.Move(file, $"{file}.old{number}", overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AcmeException(AcmeFailure.AccountFile, $"the account file {file} cannot be set aside: {e.Message}", null, e);
        }
    }

    private string AccountFile(Uri authority)
    {
        const int EnoughDigits = 12;
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(authority.AbsoluteUri)));
        return Path.Combine(_directory, $"account.{authority.Host}.{digest[..EnoughDigits]}.json");
    }

    private string KeyFile(string name) => Path.Combine(_directory, FileName(name) + ".key");

    // Names are host names; a wildcard's asterisk is not allowed in them.
    private static string FileName(string name) => name.Replace('*', '_');
}
