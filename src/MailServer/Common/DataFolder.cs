using MailServer.Storage.SafeFiles;

namespace MailServer.Common;

/// <summary>Folders of the server's data. They contain mail and password hashes, so only the server's user can read them.</summary>
internal static class DataFolder
{
    // <errno.h> on Linux and BSD.
    private const int AlreadyExists = 17;
    private const int NotADirectory = 20;

    /// <summary>Creates a folder and its missing parents; false if it exists.</summary>
    /// <exception cref="CommandFailure">It cannot be created.</exception>
    public static bool Create(string path)
    {
        if (Directory.Exists(path)) return false;
        try
        {
            PrivateFile.CreateDirectory(path);
            return true;
        }
        // The runtime reports some file systems that refuse new folders, such as /proc, as missing files.
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or PathTooLongException or IOException { HResult: AlreadyExists or NotADirectory })
        {
            throw new CommandFailure($"the folder {path} cannot be created: it is inside a file or a file system that takes no folders; choose another place for the data");
        }
    }
}
