using System.Text.Json;
using MailServer.Storage.SafeFiles;

namespace MailServer.Importing;

/// <summary>
/// Lists the messages that were refused: the first ones on standard error, all of them in a file that is created with the first one. Each line of the
/// file is a JSON object with <c>where</c>, <c>message_id</c> and <c>reason</c>.
/// </summary>
/// <param name="path">The file; one that exists is not overwritten.</param>
/// <param name="complain">Shows a line to the person who imports.</param>
internal sealed class ImportReport(string path, Action<string> complain) : IDisposable
{
    /// <summary>How many refusals are shown as well as written.</summary>
    public const int Shown = 10;

    private long _refused;
    private bool _isFileLost;
    private FileStream? _file;

    /// <summary>The file, once there is one.</summary>
    public string? File => _file is null ? null : path;

    /// <summary>Creates the file, before there is anything to write.</summary>
    /// <exception cref="IOException">It exists already, or cannot be created.</exception>
    public void Create() => _file ??= OwnFile.CreateStream(path);

    public void Add(SourceRefusal refusal)
    {
        _refused++;
        Write(refusal);
        if (_refused <= Shown || _isFileLost) complain($"{refusal.Where}: {refusal.Reason}");
        else if (_refused == Shown + 1) complain($"more messages were refused: they are listed in {path}");
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
            complain($"the refused messages cannot be listed in {path} ({e.Message}); they are all listed here");
        }
    }
}
