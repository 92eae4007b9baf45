using System.Diagnostics;
using System.Text;
using MailServer.Common;

namespace MailServer.Commands;

/// <summary>The files that <c>setup</c> writes outside the data directory, and to whom it gives that.</summary>
internal static class SetupFiles
{
    private const string ShippedExecutable = "/usr/bin/mailserver";
    private const string ShippedConfig = "/etc/mailserver/config.yaml";

    public static void WriteConfiguration(string path, SetupPlan plan)
    {
        var text = new StringBuilder($"""
            # Written by 'mailserver setup'. Every key is explained in config.example.yaml; 'mailserver config check' finds mistakes.
            server:
              hostname: {plan.Hostname}

            """);
        text.Append(plan.CertificateContact is null
            ? """
              tls:
                # Until cert_file and key_file are set, a self-signed certificate is shown.
                auto_tls: false

              """
            : $"""
                http_port: 80
                https_port: 443
              tls:
                auto_tls: true
                email: {plan.CertificateContact}
                # The first order of each name is tried out here, where mistakes do not count.
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

        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) MakeFolder(folder);
        Publish(path, text.ToString());
    }

    /// <summary>The unit that comes with the program, for this program and this configuration.</summary>
    public static void WriteUnit(CommandContext context, string path)
    {
        var shipped = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "systemd", "mailserver.service"));
        var unit = shipped
            .Replace(ShippedExecutable, Environment.ProcessPath ?? ShippedExecutable, StringComparison.Ordinal)
            .Replace(ShippedConfig, Path.GetFullPath(context.ConfigPath), StringComparison.Ordinal);
        Publish(path, unit);
        context.Say($"wrote {path}");
    }

    /// <summary>The server's user reads them, and they hold no secret.</summary>
    private static void Publish(string path, string text)
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

    /// <summary>The data was made by root; the server runs as somebody else.</summary>
    public static async Task GiveAsync(CommandContext context, string owner, CancellationToken cancel)
    {
        using var process = Process.Start(new ProcessStartInfo("chown", ["-R", "-h", owner + ":", context.Options.Storage.DataDir]) { UseShellExecute = false, RedirectStandardError = true })
            ?? throw new CommandFailure("chown cannot be started");
        var words = await process.StandardError.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        if (process.ExitCode != 0) throw new CommandFailure($"{context.Options.Storage.DataDir} cannot be given to {owner}: {words.Trim()}");
    }
}
