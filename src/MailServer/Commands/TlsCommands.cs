using System.CommandLine;
using System.Globalization;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Formatting;
using MailServer.Network.Certificates;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>tls show|renew|reload</c>.</summary>
internal static class TlsCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("tls", "Show, renew and reload certificates.", Show(factory), Renew(factory), Reload(factory));

    private static Command Show(CommandFactory factory) => factory.Action(
        "show", "Show the certificates, their expiry and renewal times, and why the last order failed. Without a running server, read the certificate files.",
        ["tls show", "tls show --json"], [factory.Json], static async (context, cancel) =>
        {
            var listing = new Listing("name", "issuer", "valid_until", "days_left", "renewed", "key", "key_hash", "source", "failure", "next_attempt");
            foreach (var certificate in await ListAsync(context, cancel))
            {
                var days = certificate.NotAfter is { } end ? Math.Floor((end - context.Shell.Time.GetUtcNow()).TotalDays).ToString(CultureInfo.InvariantCulture) : "";
                listing.Add(
                    certificate.Name, certificate.Issuer, Cell(certificate.NotAfter), days, Cell(certificate.RenewAt), certificate.Key, certificate.KeyHash,
                    certificate.Source, certificate.Failure, Cell(certificate.NextAttempt));
            }

            return context.Print(listing);
        });

    private static Command Renew(CommandFactory factory)
    {
        var name = new Argument<string?>("NAME") { Description = "The host name. Default: all names.", Arity = ArgumentArity.ZeroOrOne };
        return factory.Action(
            "renew", "Order certificates now, for example after fixing the cause of a failed order.", ["tls renew", "tls renew mail.example.org"], [name], async (context, cancel) =>
            {
                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                var query = context.GetOptional(name) is { } one ? "?name=" + Uri.EscapeDataString(one) : "";
                var count = (await server.RequestAsync<RenewalDocument>(HttpMethod.Post, "tls/renew" + query, cancel))?.Count ?? 0;
                if (count == 0) throw new CommandFailure(ReasonOfNoOrder(context, context.GetOptional(name)));
                context.WriteLine($"ordering {Quantity.Of(count, "certificate")}; follow the progress with 'mailserver tls show'");
                return ExitCodes.Success;
            });
    }

    private static string ReasonOfNoOrder(CommandContext context, string? name) => context.Options.Tls switch
    {
        { CertFile: not null } => "nothing to renew: the certificate comes from tls.cert_file; after replacing the file run 'mailserver tls reload'",
        { AutoTls: false } => "nothing to renew: tls.auto_tls is off and the certificate is self-signed",
        _ when name is not null => $"this server orders no certificate for '{name}'; see 'mailserver tls show'",
        _ => "nothing to renew; see 'mailserver tls show'",
    };

    private static Command Reload(CommandFactory factory) => factory.Action(
        "reload", "Reload the certificate files after another program has renewed them. If a new certificate is invalid, the server keeps the current one.",
        ["tls reload"], [], static async (context, cancel) =>
        {
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            var read = await server.RequestAsync<IReadOnlyList<ReloadDocument>>(HttpMethod.Post, "tls/reload", cancel) ?? [];
            if (read.Count == 0) throw new CommandFailure("this server does not use certificate files (tls.cert_file); see 'mailserver tls renew'");
            foreach (var each in read)
            {
                context.WriteLine(each.Outcome switch
                {
                    "taken" => $"{each.File}: loaded",
                    "kept" => $"{each.File}: not loaded, the current certificate is kept: {each.Text}",
                    _ => $"{each.File}: unchanged",
                });
                if (each.Outcome != "kept" && each.Text.Length > 0) context.WriteLine($"{each.File}: {each.Text}");
            }

            return read.Any(static r => r.Outcome == "kept" || r.Text.Length > 0) ? ExitCodes.Failed : ExitCodes.Success;
        });

    private static async Task<IReadOnlyList<CertificateDocument>> ListAsync(CommandContext context, CancellationToken cancel)
    {
        var options = context.Options;
        if (!await AdminClient.IsHealthyAsync(options.Storage.AdminSocketPath, cancel)) return [.. Files(options)];
        using var server = new AdminClient(options.Storage.AdminSocketPath);
        return await server.GetAsync<IReadOnlyList<CertificateDocument>>("tls", cancel);
    }

    private static IEnumerable<CertificateDocument> Files(MailServerOptions options)
    {
        var files = options.Tls.CertFile is { } own
            ? [(own, "file")]
            : Kept(options.CertificateDirectory).Select(f => (f, f.EndsWith("self-signed.crt", StringComparison.Ordinal) ? "self-signed" : options.Tls.AcmeDirectory.AbsoluteUri));
        foreach (var (file, source) in files)
        {
            if (CertificateReader.OfFile(file) is not { } facts) continue;
            yield return new CertificateDocument(
                facts.Names[0], source, facts.Names, facts.Issuer, facts.NotBefore, facts.NotAfter, facts.Key, facts.Fingerprint, facts.KeyHash, null, "", null, null);
        }
    }

    private static IEnumerable<string> Kept(string directory) =>
        Directory.Exists(directory) ? Directory.EnumerateFiles(directory, "*.crt").Order(StringComparer.Ordinal) : [];

    private static object Cell(DateTimeOffset? time) => time is { } value && value > DateTimeOffset.UnixEpoch ? value : "";
}
