using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MailServer.Network.Certificates;

/// <summary>Reads a PEM chain (the server's certificate first) and its key, and writes them so that only the owner can read the key.</summary>
internal static class PemCertificate
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="CertificateException">Either file is missing, unreadable or not of the other.</exception>
    public static ServerCertificate Load(string certificateFile, string keyFile)
    {
        try
        {
            var certificate = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificateFile);
            chain.RemoveAt(0);
            return new ServerCertificate(certificate, chain);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new CertificateException($"certificate {certificateFile} with key {keyFile}: {e.Message}", e);
        }
    }

    public static void Save(X509Certificate2 certificate, AsymmetricAlgorithm key, string certificateFile, string keyFile)
    {
        Replace(keyFile, key.ExportPkcs8PrivateKeyPem(), OwnerOnly);
        Replace(certificateFile, certificate.ExportCertificatePem(), OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    public static void Replace(string file, string content, UnixFileMode mode)
    {
        var fresh = file + ".new";
        File.Delete(fresh);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = mode;
        using (var writer = new StreamWriter(fresh, System.Text.Encoding.ASCII, options)) writer.Write(content + "\n");
        File.Move(fresh, file, overwrite: true);
    }
}
