using System.Globalization;
using MailServer.Storage.SafeFiles;

namespace MailServer.Configuration;

/// <summary>
/// No file has two uses: a file that the server writes must be neither one that another key names nor one that the server creates in the data directory.
/// Paths are compared after links are resolved, and by the identity of the files.
/// </summary>
internal static class PathRules
{
    private const string LogKey = "logging.output";
    private const string DatabaseKey = "storage.database_path";
    private const string ConfigurationKey = "the configuration file";

    /// <summary>The files and folders that the server creates in the data directory, or in that of its node, under fixed names.</summary>
    public static readonly IReadOnlyList<string> OwnNames =
    [
        "mail.db", "journal.db", "reports.db", "mta-sts.db", "trust.db", "trace.db", "history.db", "access.db", "admin.sock", "srs.key", "sign-in.key", "push.key",
        "lock", "reserve", "restore.incomplete", "last-backup", "warnings", "health-digest", "maildir", "spool", "wire", "acme", "dkim", "node",
    ];

    // Files beside a database, and files that are complete before they replace another.
    private static readonly string[] Companions = ["-wal", "-shm", "-journal", ".snapshot", ".next", ".part"];

    /// <summary>The configured files that the server writes.</summary>
    public static IEnumerable<(string Key, string Path)> Written(MailServerOptions options)
    {
        if (options.Logging.IsFile) yield return (LogKey, options.Logging.Output);
        yield return (DatabaseKey, options.Storage.DatabasePath);
    }

    /// <summary>The configured directories in which the server creates files.</summary>
    public static IEnumerable<(string Key, string Path)> Filled(MailServerOptions options) =>
        [("storage.maildir_path", options.Storage.MaildirPath), ("tls.cache_dir", options.CertificateDirectory)];

    /// <summary>The configured files that the server reads.</summary>
    public static IEnumerable<(string Key, string Path)> Read(MailServerOptions options)
    {
        foreach (var named in MachineRules.Files(options)) yield return named;
        foreach (var (i, domain) in options.Domains.Index())
            if (domain.DkimKeyFile is { } key) yield return (string.Create(CultureInfo.InvariantCulture, $"domains.{i}.dkim_key_file"), key);
        if (options.Tls.AcmeDnsHook is { } hook) yield return ("tls.acme_dns_hook", hook);
        if (options.ConfigurationFile is { } configuration) yield return (ConfigurationKey, configuration);
    }

    public static void Check(MailServerOptions options, ConfigurationRule.ProblemReporter add)
    {
        var read = Read(options).Select(static r => new Place(r.Key, r.Path)).ToArray();
        var written = Written(options).Select(static w => new Place(w.Key, w.Path)).ToArray();
        var own = OwnFiles(options).ToArray();
        foreach (var file in written)
        {
            var other = read.Concat(written.Where(w => w.Key != file.Key)).FirstOrDefault(o => IsWrittenAs(file, o, options.Logging))
                ?? own.FirstOrDefault(o => o.Key != file.Key && (IsWrittenAs(file, o, options.Logging) || IsWrittenAs(o, file, options.Logging)));
            if (other is not null) add(file.Key, $"{file.Path} and {other.Use} are the same file or replace each other: choose another file");
            else if (FindFolderAround(options, file) is { } folder) add(file.Key, $"is inside {folder.Path}, {folder.Use}: choose another directory");
        }

        foreach (var file in read)
            if (own.FirstOrDefault(o => IsWrittenAs(o, file, options.Logging)) is { } other) add(file.Key == ConfigurationKey ? "" : file.Key, $"{file.Path} and {other.Use} are the same file or replace each other: choose another file");
        foreach (var directory in Filled(options).Select(static f => new Place(f.Key, f.Path)))
            if (FindFolderAround(options, directory) is { } folder) add(directory.Key, $"{directory.Path} is inside {folder.Path}, {folder.Use}: choose another directory");
    }

    /// <summary>Whether writing a file, or what belongs to it, writes another.</summary>
    private static bool IsWrittenAs(Place file, Place other, LoggingOptions logging)
    {
        if (file.Real == other.Real || (file.Identity is { } identity && identity == other.Identity)) return true;
        if (!other.Real.StartsWith(file.Real, StringComparison.Ordinal)) return false;
        var rest = other.Real.AsSpan(file.Real.Length);
        if (file.Key != LogKey) return Companions.AsSpan().Contains(rest.ToString());
        return logging.MaxSize is not null && rest is ['.', .. var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n <= logging.Keep;
    }

    private static IEnumerable<Place> OwnFiles(MailServerOptions options)
    {
        var storage = options.Storage;
        yield return new Place("storage.data_dir", storage.DataDir);
        foreach (var folder in new[] { storage.DataDir, storage.NodeDir }.Distinct(StringComparer.Ordinal))
            foreach (var name in OwnNames)
            {
                var path = Path.Combine(folder, name);
                yield return new Place(name == "mail.db" && path == storage.DatabasePath ? DatabaseKey : "", path) { Use = $"the server's own {path}" };
            }
    }

    /// <summary>The directory of the server's that contains a file or another directory. One that contains the whole data directory is none of these.</summary>
    private static Place? FindFolderAround(MailServerOptions options, Place place)
    {
        Place[] folders =
        [
            .. Filled(options).Select(static f => new Place(f.Key, f.Path) { Use = f.Key == "tls.cache_dir" ? "the directory for certificates" : "a directory for mail" }),
            new("", options.Storage.SpoolPath) { Use = "a directory for mail" },
            new("", Path.Combine(options.Storage.DataDir, "wire")) { Use = "a directory for mail" },
            new("", options.KeyDirectory) { Use = "the directory for DKIM keys" },
        ];
        return folders.FirstOrDefault(f => f.Key != place.Key && RealPath.IsWithin(place.Path, f.Path) && !RealPath.IsWithin(options.Storage.DataDir, f.Path));
    }

    /// <summary>A path with its resolved form, and the identity of the file if there is one.</summary>
    private sealed record Place(string Key, string Path)
    {
        public string Real { get; } = RealPath.Of(Path);

        public (uint, uint, ulong)? Identity { get; } = FileStat.Find(RealPath.Of(Path)) is { Identity.Inode: > 0 } facts ? facts.Identity : null;

        public string Use { get; init; } = Key;
    }
}
