using MailServer.Configuration;
using MailServer.Storage.Backup;

namespace MailServer.Hosting;

/// <summary>Lists the files of an installation that a backup copies.</summary>
internal static class BackupLayout
{
    public static BackupPaths PlacesOf(MailServerOptions options, string? configuration) => new()
    {
        DataDirectory = options.Storage.DataDir,
        MaildirDirectory = options.Storage.MaildirPath,
        DatabaseFile = options.Storage.DatabasePath,
        LogFile = options.Logging.Output is "stdout" or "stderr" ? null : options.Logging.Output,
        Shared = options.Cluster.Enabled ? () => SharedStores.Connect(options) : null,
        NodeDirectory = options.Cluster.Enabled ? options.Storage.NodeDir : null,
        Others =
        [
            .. configuration is null ? Array.Empty<(string, string)>() : [("config.yaml", Path.GetFullPath(configuration))],
            .. options.Domains.Where(static d => d.DkimKeyFile is not null).Select(static d => ($"dkim-{d.Name}.key", d.DkimKeyFile!)),
            .. MachineRules.Files(options).Select(static f => (NameInBackup(f.Key), f.Path)),
        ],
    };

    private static string NameInBackup(string key) => key switch
    {
        "tls.cert_file" => "tls-cert.pem",
        "tls.key_file" => "tls-key.pem",
        _ => key,
    };
}
