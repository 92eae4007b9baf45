using System.Diagnostics;

namespace MailServer.Storage.Tests.SafeFiles;

/// <summary>What others can put where a message file is expected.</summary>
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

/// <summary>Puts odd things into directories, and says which of them a reader may take for a message.</summary>
public static class IrregularFiles
{
    /// <summary>Stands in the file that must never be read.</summary>
    public const string Secret = "root:secret-of-another-user";

    public static IReadOnlyList<IrregularFile> All { get; } = Enum.GetValues<IrregularFile>();

    /// <summary>A message under an unusual name is a message all the same.</summary>
    public static bool IsMessage(IrregularFile odd) => odd is IrregularFile.DotsInFront or IrregularFile.LongestName or IrregularFile.NameThatIsNotUtf8;

    /// <summary>Makes the thing; answers its name. Where the name itself is the odd thing, it holds a message.</summary>
    /// <param name="odd">What.</param>
    /// <param name="directory">Where.</param>
    /// <param name="name">Its name, where that is not what is odd.</param>
    /// <param name="outside">A directory that no reader has any business in.</param>
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
                // Others than root cannot make one: a link to one is as good as a file gets then.
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

    /// <summary>Whether anything below a directory, links not followed, holds the secret.</summary>
    public static bool Leaked(string directory)
    {
        if (!System.IO.Directory.Exists(directory)) return false;
        using var process = Start("grep", "-rlI", "--devices=skip", Secret, directory);
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    /// <summary>Empties a directory, also of names that only octets can tell.</summary>
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
