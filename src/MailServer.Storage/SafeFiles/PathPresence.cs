namespace MailServer.Storage.SafeFiles;

/// <summary>Tells a missing file from one that this process may not see; <see cref="File.Exists"/> answers false for both.</summary>
public static class PathPresence
{
    /// <exception cref="UnauthorizedAccessException">A folder of the path may not be entered.</exception>
    public static bool Exists(string path)
    {
        try
        {
            File.GetAttributes(path);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }
}
