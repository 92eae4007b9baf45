using System.Globalization;
using System.Text;
using MailServer.Common;
using MailServer.Storage.SafeFiles;

namespace MailServer.Configuration;

/// <summary>Reads a configuration file as text and reports encoding errors with their line.</summary>
internal static class ConfigurationText
{
    /// <summary>Returns null after adding a problem if the file cannot be used.</summary>
    public static string? Read(string path, List<ConfigurationProblem> problems)
    {
        try
        {
            using var file = SafeFileReader.OpenNamed(path);
            using var stream = SafeFileReader.Stream(file);
            var buffer = new byte[NamedFile.MaxTextSize + 1];
            var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return Decode(buffer.AsSpan(0, length), path, problems);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            problems.Add(new ConfigurationProblem(path, 0, "", "does not exist; name another file with --config, or copy configs/config.example.yaml there"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            problems.Add(new ConfigurationProblem(path, 0, "", "cannot be read: " + e.Message));
        }

        return null;
    }

    private static string? Decode(ReadOnlySpan<byte> octets, string path, List<ConfigurationProblem> problems)
    {
        var text = octets.StartsWith(Encoding.UTF8.Preamble) ? octets[Encoding.UTF8.Preamble.Length..] : octets;
        if (octets.Length > NamedFile.MaxTextSize) return Refuse(0, string.Create(CultureInfo.InvariantCulture, $"is larger than {NamedFile.MaxTextSize} octets, so it is not a configuration file"));
        var line = 1;
        for (var rest = text; rest.Length > 0;)
        {
            if (Rune.DecodeFromUtf8(rest, out var rune, out var used) != System.Buffers.OperationStatus.Done) return Refuse(line, string.Create(CultureInfo.InvariantCulture, $"is not UTF-8: octet 0x{rest[0]:x2}"));
            if (rune.Value is 0) return Refuse(line, "contains a NUL character");
            if (rune.Value is (< ' ' and not ('\t' or '\n' or '\r')) or 0x7F) return Refuse(line, string.Create(CultureInfo.InvariantCulture, $"contains the control character 0x{rune.Value:x2}"));
            if (rune.Value == '\n') line++;
            rest = rest[used..];
        }

        return Encoding.UTF8.GetString(text);

        string? Refuse(int at, string what)
        {
            problems.Add(new ConfigurationProblem(path, at, "", what));
            return null;
        }
    }
}
