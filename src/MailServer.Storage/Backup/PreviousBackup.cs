using System.Globalization;
using MailServer.Domain.Formatting;
using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Backup;

/// <summary>
/// The previous backup, whose files the new one shares. A file is shared only if its size matches the manifest. In addition, each backup
/// verifies the hashes of a part of the files, a different part each time, so that <see cref="VerificationCycle"/> consecutive backups verify every file.
/// </summary>
internal sealed class PreviousBackup : IDisposable
{
    /// <summary>Number of consecutive backups after which a damaged file has been found.</summary>
    public const int VerificationCycle = 7;

    private const int MaxWarnings = 100;

    private readonly string _directory;
    private readonly long _counter;
    private readonly HashingCopier _reader = new();
    private readonly Dictionary<string, Dictionary<string, BackupEntry>> _byFolder = new(StringComparer.Ordinal);
    private readonly List<string> _warnings = [];
    private int _damaged;

    /// <param name="directory">The folder of the backup; null if there is none.</param>
    /// <param name="counter">The counter of the new backup, which selects the part to verify.</param>
    public PreviousBackup(string? directory, long counter)
    {
        (_directory, _counter) = (directory ?? "", counter);
        if (directory is null) return;
        try
        {
            foreach (var entry in BackupManifest.Read(directory, Warn)) Add(entry);
        }
        catch (Exception e) when (BackupManifest.IsUnreadable(e))
        {
            Warn(e.Message);
        }
    }

    /// <summary>Damage found in the previous backup.</summary>
    public IReadOnlyList<string> Warnings =>
        _damaged <= MaxWarnings ? _warnings : [.. _warnings, string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(_directory)}: {_damaged - MaxWarnings} more problems")];

    /// <summary>Returns the files of a folder (<c>spool</c>, <c>maildir/user_7</c>) that can be shared, by content key. Verifies the part that is due.</summary>
    public IReadOnlyDictionary<string, BackupEntry> Usable(string folder, CancellationToken cancel)
    {
        if (!_byFolder.TryGetValue(folder, out var entries)) return new Dictionary<string, BackupEntry>();
        foreach (var (key, entry) in entries)
        {
            cancel.ThrowIfCancellationRequested();
            if (FindDamage(entry) is not { } damage) continue;
            Warn($"{entry.Path}: {damage}");
            entries.Remove(key);
        }

        return entries;
    }

    /// <summary>Links a file into the new backup; returns false if it must be copied.</summary>
    public bool TryShare(BackupEntry entry, string target) => Posix.TryLink(Path.Combine(_directory, entry.Path), target);

    public void Dispose() => _reader.Dispose();

    private void Add(BackupEntry entry)
    {
        var parts = entry.Path.Split('/', 3);
        var (folder, key) = parts switch
        {
            ["maildir", _, _] when MessageFileName.KeyOf(entry.Path) is { } found && MessageFileName.SizeIn(found) == entry.Size => ($"{parts[0]}/{parts[1]}", found),
            // Spool files never change and their names are never reused; envelopes grow.
            ["spool", _] when !Spool.EnvelopeStore.IsEnvelope(parts[1]) => (parts[0], parts[1]),
            _ => ("", null),
        };
        if (key is null) return;
        if (!_byFolder.TryGetValue(folder, out var entries)) _byFolder.Add(folder, entries = new Dictionary<string, BackupEntry>(StringComparer.Ordinal));
        entries.TryAdd(key, entry);
    }

    private string? FindDamage(BackupEntry entry)
    {
        if (IsTurnOf(entry)) return _reader.FindDamage(_directory, entry);
        return FileStat.Find(Path.Combine(_directory, entry.Path)) switch
        {
            null => "is missing",
            { Kind: not FileKind.Regular } => "is not a regular file",
            { Size: var size } when size != entry.Size => $"has {Quantity.Of(size, "octet")} instead of {entry.Size}",
            _ => null,
        };
    }

    private bool IsTurnOf(BackupEntry entry) =>
        entry.Hash.Length < 8 || !uint.TryParse(entry.Hash.AsSpan(0, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) || number % VerificationCycle == _counter % VerificationCycle;

    private void Warn(string damage)
    {
        if (++_damaged <= MaxWarnings) _warnings.Add($"{Path.GetFileName(_directory)} is damaged: {damage}");
    }
}
