using System.Text.Json;
using MailServer.Storage.SafeFiles;

namespace MailServer.Importing;

/// <summary>
/// Reports refused messages: the first ones on standard error, and all of them in a file, which is created for the first one. Each line of the file is a
/// JSON object with <c>where</c>, <c>message_id</c> and <c>reason</c>.
/// </summary>
/// <param name="path">The file. An existing file is not overwritten. Null: no file; all of them are printed.</param>
/// <param name="complain">Prints a line on standard error.</param>
internal sealed class ImportReport(string? path, Action<string> complain) : IDisposable
{
    /// <summary>The number of refusals that are also printed.</summary>
    public const int MaxShown = 10;

    private long _refused;
    private bool _isFileLost = path is null;
    private FileStream? _file;

    /// <summary>The path of the file, once it is created; otherwise null.</summary>
    public string? File => _file is null ? null : path;

    /// <summary>Creates the file, if it is not created yet.</summary>
    /// <exception cref="IOException">It already exists or cannot be created.</exception>
    public void Create() => _file ??= PrivateFile.CreateStream(path ?? throw new InvalidOperationException("the report has no file"));

    public void Add(SourceRefusal refusal)
    {
        _refused++;
        Write(refusal);
        if (_refused <= MaxShown || _isFileLost) complain($"{refusal.Where}: {refusal.Reason}");
        else if (_refused == MaxShown + 1) complain($"more messages were refused; see {path}");
    }

    public void Dispose() => _file?.Dispose();

    private void Write(SourceRefusal refusal)
    {
        if (_isFileLost) return;
        try
        {
            Create();
            using (var writer = new Utf8JsonWriter(_file!))
            {
                writer.WriteStartObject();
                writer.WriteString("where", refusal.Where);
                if (refusal.MessageId is { } id) writer.WriteString("message_id", id);
                writer.WriteString("reason", refusal.Reason);
                writer.WriteEndObject();
            }

            _file!.WriteByte((byte)'\n');
            _file.Flush();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _isFileLost = true;
            complain($"cannot write the list of refused messages to {path} ({e.Message}); printing all of them here");
        }
    }
}
