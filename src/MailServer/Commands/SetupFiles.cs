using System.Diagnostics;
using System.Text;
using MailServer.Common;

namespace MailServer.Commands;

/// <summary>Writes the files of <c>setup</c> outside the data directory, and sets the owner of the data directory.</summary>
internal static class SetupFiles
{
    private const string ShippedExecutable = "/usr/bin/mailserver";
    private const string PackagedExecutable = "/usr/lib/mailserver/mailserver";
    private const string PackagedUnit = "/usr/lib/systemd/system/mailserver.service";
    private const string ShippedConfig = "/etc/mailserver/config.yaml";

    public static void WriteConfiguration(string path, SetupPlan plan)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) MakeFolder(folder);
        Publish(path, ConfigurationOf(plan));
    }

    private const string Page = """
        admin:
          # The web page, on a port of this machine only.
          enabled: true

        """;

    private static string ConfigurationOf(SetupPlan plan)
    {
        var text = new StringBuilder($"""
            # Written by 'mailserver setup'. Every key is explained in config.example.yaml; 'mailserver config check' finds errors.
            server:
              hostname: {plan.Hostname}
              # For mail clients that edit mail rules (ManageSieve).
              managesieve_port: 4190

            """);
        text.Append(plan.CertificateContact is null
            ? """
              tls:
                # Until cert_file and key_file are set, the server uses a self-signed certificate.
                auto_tls: false

              """
            : $"""
                http_port: 80
                https_port: 443
              tls:
                auto_tls: true
                email: {plan.CertificateContact}
                # The first order for each name is tested here, where failures do not count against rate limits.
                acme_rehearsal: https://acme-staging-v02.api.letsencrypt.org/directory

              """);
        text.Append($"""
            storage:
              data_dir: {plan.DataDir}

            """);
        if (plan.RelayHost is { } relay)
        {
            text.Append($"""
                delivery:
                  relay_host: {relay}
                  require_tls: true

                """);
        }

        return plan.HasPage ? text.Append(Page).ToString() : text.ToString();
    }

    /// <summary>
    /// Writes the shipped systemd unit with the paths of this executable and configuration. Does nothing if the package has installed a unit with these paths:
    /// a copy would hide it, also after upgrades.
    /// </summary>
    public static void WriteUnit(CommandContext context, string path)
    {
        if (Environment.ProcessPath == PackagedExecutable && File.Exists(PackagedUnit) && Path.GetFullPath(context.ConfigPath) == ShippedConfig)
        {
            context.WriteLine($"{PackagedUnit} is used; {path} is not needed");
            return;
        }

        var shipped = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "systemd", "mailserver.service"));
        var unit = shipped
            .Replace(ShippedExecutable, Environment.ProcessPath ?? ShippedExecutable, StringComparison.Ordinal)
            .Replace(ShippedConfig, Path.GetFullPath(context.ConfigPath), StringComparison.Ordinal);
        Publish(path, unit);
        context.WriteLine($"wrote {path}");
    }

    /// <summary>Writes a file without secrets that everybody may read, such as the server's user.</summary>
    public static void Publish(string path, string text)
    {
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    private static void MakeFolder(string path)
    {
        if (Directory.Exists(path)) return;
        Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(
                path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
    }

    public static bool UserExists(string name) =>
        OperatingSystem.IsLinux() && File.Exists("/etc/passwd") && File.ReadLines("/etc/passwd").Any(line => line.StartsWith(name + ":", StringComparison.Ordinal));

    /// <summary>Changes the owner of the data directory, created by root, to the user that the server runs as.</summary>
    public static async Task ChangeOwnerAsync(CommandContext context, string owner, CancellationToken cancel)
    {
        using var process = Process.Start(new ProcessStartInfo("chown", ["-R", "-h", owner + ":", context.Options.Storage.DataDir]) { UseShellExecute = false, RedirectStandardError = true })
            ?? throw new CommandFailure("cannot run chown");
        var words = await process.StandardError.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        if (process.ExitCode != 0) throw new CommandFailure($"cannot change the owner of {context.Options.Storage.DataDir} to {owner}: {words.Trim()}");
    }
}
