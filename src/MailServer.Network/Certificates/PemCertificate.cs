using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MailServer.Network.Certificates;

/// <summary>Reads a PEM chain (the server's certificate first) with its key, and writes both; the key file is readable by its owner only.</summary>
internal static class PemCertificate
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>A long chain with large keys takes a tenth of this; a larger file is something else.</summary>
    private const int LargestFile = 1024 * 1024;

    /// <exception cref="CertificateException">A file is missing or unreadable, or they do not belong together.</exception>
    public static ServerCertificate Load(string certificateFile, string keyFile)
    {
        var subject = $"certificate {certificateFile} with key {keyFile}";
        return Parse(Read(certificateFile, subject), Read(keyFile, subject), subject);
    }

    /// <summary>Reads one file of the pair.</summary>
    /// <exception cref="CertificateException">The file cannot be read, or is too large.</exception>
    public static string Read(string file, string subject)
    {
        try
        {
            // Follows links, whose target may have changed.
            using var stream = NamedFile.OpenRead(file);
            // One octet more than allowed: a device has no length, and may have no end.
            var content = new byte[Math.Min(stream.Length, LargestFile) + 1];
            var length = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            if (length == content.Length) throw new IOException($"{file} is too large for a certificate or key");
            using var reader = new StreamReader(new MemoryStream(content, 0, length));
            return reader.ReadToEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CertificateException($"{subject}: {e.Message}", e);
        }
    }

    /// <param name="chain">The server's certificate, followed by the rest of its chain.</param>
    /// <param name="key">Its private key.</param>
    /// <param name="subject">Description of the files for exception messages.</param>
    /// <exception cref="CertificateException">A text is damaged, or the key belongs to another certificate.</exception>
    public static ServerCertificate Parse(string chain, string key, string subject)
    {
        try
        {
            var certificate = X509Certificate2.CreateFromPem(chain, key);
            var rest = new X509Certificate2Collection();
            rest.ImportFromPem(chain);
            rest.RemoveAt(0);
            return new ServerCertificate(certificate, rest);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new CertificateException($"{subject}: {e.Message}", e);
        }
    }

    /// <summary>Writes the key first: a crash in between leaves a mismatched pair, which is created again, but never a certificate whose key is lost.</summary>
    public static void Save(X509Certificate2 certificate, AsymmetricAlgorithm key, string certificateFile, string keyFile)
    {
        Replace(keyFile, key.ExportPkcs8PrivateKeyPem(), OwnerOnly);
        Replace(certificateFile, certificate.ExportCertificatePem(), OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    public static void Replace(string file, string content, UnixFileMode mode) => DurableFile.Replace(file, content, mode);
}
