namespace MailServer.Hosting;

/// <summary>Files that only the server's own user may read.</summary>
internal static class SecretFile
{
    /// <summary>Written beside and renamed: an interrupted write never leaves half a secret.</summary>
    public static void Write(string file, string text)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder) Directory.CreateDirectory(folder);
        var partial = file + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(partial, options)) writer.WriteLine(text);
        File.Move(partial, file, overwrite: true);
    }
}
