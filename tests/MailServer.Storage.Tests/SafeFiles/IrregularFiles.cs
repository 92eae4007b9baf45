using System.Diagnostics;

namespace MailServer.Storage.Tests.SafeFiles;

/// <summary>Kinds of entries that other programs can put in the place of a message file.</summary>
public enum IrregularFile
{
    LinkToFile,
    LinkToDirectory,
    Fifo,
    Socket,
    Device,
    Directory,
    DotsInFront,
    LongestName,
    NameThatIsNotUtf8,
}

/// <summary>Creates irregular entries in directories, and tells which of them are messages.</summary>
public static class IrregularFiles
{
    /// <summary>The content of the file that must never be read.</summary>
    public const string Secret = "root:secret-of-another-user";

    public static IReadOnlyList<IrregularFile> All { get; } = Enum.GetValues<IrregularFile>();

    /// <summary>True for messages with unusual names: they are messages nevertheless.</summary>
    public static bool IsMessage(IrregularFile odd) => odd is IrregularFile.DotsInFront or IrregularFile.LongestName or IrregularFile.NameThatIsNotUtf8;

    /// <summary>Creates the entry; returns its name. Where the name itself is unusual, the entry is a message.</summary>
    /// <param name="odd">The kind of entry.</param>
    /// <param name="directory">The directory to create it in.</param>
    /// <param name="name">The name of the entry, unless the name is the irregularity.</param>
    /// <param name="outside">A directory that must never be read.</param>
    public static string Put(IrregularFile odd, string directory, string name, string outside)
    {
        System.IO.Directory.CreateDirectory(outside);
        var secret = Path.Combine(outside, "1700000009.M1P1.secret");
        File.WriteAllText(secret, $"Subject: {Secret}\r\n\r\n{Secret}\r\n");
        const string message = "Subject: odd name\r\n\r\nx\r\n";
        switch (odd)
        {
            case IrregularFile.LinkToFile:
                File.CreateSymbolicLink(Path.Combine(directory, name), secret);
                break;
            case IrregularFile.LinkToDirectory:
                System.IO.Directory.CreateSymbolicLink(Path.Combine(directory, name), outside);
                break;
            case IrregularFile.Fifo:
                Run("mkfifo", Path.Combine(directory, name));
                break;
            case IrregularFile.Socket:
                Run("python3", "-c", "import socket,sys,os; os.chdir(sys.argv[1]); socket.socket(socket.AF_UNIX).bind(sys.argv[2])", directory, name);
                break;
            case IrregularFile.Device:
                // Only root can create a device: others get a link to one.
                if (Environment.UserName == "root") Run("mknod", Path.Combine(directory, name), "c", "1", "5");
                else File.CreateSymbolicLink(Path.Combine(directory, name), "/dev/zero");
                break;
            case IrregularFile.Directory:
                System.IO.Directory.CreateDirectory(Path.Combine(directory, name));
                break;
            case IrregularFile.DotsInFront:
                File.WriteAllText(Path.Combine(directory, name = ".." + name), message);
                break;
            case IrregularFile.LongestName:
                File.WriteAllText(Path.Combine(directory, name = new string('9', 255)), message);
                break;
            case IrregularFile.NameThatIsNotUtf8:
                Run("python3", "-c", "import sys,os; open(os.path.join(os.fsencode(sys.argv[1]), b'1700000001.M\\xff\\xfe'), 'w').write('Subject: odd name\\r\\n\\r\\nx\\r\\n')", directory);
                break;
        }

        return name;
    }

    /// <summary>True if any file below a directory contains the secret; links are not followed.</summary>
    public static bool Leaked(string directory)
    {
        if (!System.IO.Directory.Exists(directory)) return false;
        using var process = Start("grep", "-rlI", "--devices=skip", Secret, directory);
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    /// <summary>Empties a directory, including names that are not valid text.</summary>
    public static void RemoveAll(string directory) => Run("find", directory, "-mindepth", "1", "-delete");

    private static void Run(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {process.ExitCode}");
    }

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;
}
