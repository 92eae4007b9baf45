using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Storage.SafeFiles;

/// <summary>The type of a directory entry.</summary>
public enum FileKind
{
    Regular,
    Directory,
    SymbolicLink,

    /// <summary>A FIFO, a socket or a device.</summary>
    Special,
}

/// <summary>File metadata, read without opening the file (statx(2)).</summary>
/// <param name="Kind">The file type; symbolic links are not followed.</param>
/// <param name="Identity">Device and inode numbers, which identify the file independently of its name.</param>
/// <param name="Links">Number of hard links.</param>
public readonly partial record struct FileStat(FileKind Kind, (uint Major, uint Minor, ulong Inode) Identity, uint Links)
{
    /// <summary>Numeric ids of the owner and the group.</summary>
    public uint User { get; private init; }

    public uint Group { get; private init; }

    /// <summary>Permission bits; empty on systems without them.</summary>
    public UnixFileMode Mode { get; private init; }

    /// <summary>Size in octets, for regular files.</summary>
    public long Size { get; private init; }

    private const int CurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const int EmptyPath = 0x1000;
    private const uint BasicFields = 0x7FF;
    private const int TypeMask = 0xF000;
    private const int ModeMask = 0xFFF;
    private const int RegularType = 0x8000;
    private const int DirectoryType = 0x4000;
    private const int LinkType = 0xA000;

    /// <summary>Reads the metadata of a path; null if it does not exist or is inaccessible.</summary>
    public static FileStat? Find(string path)
    {
        if (OperatingSystem.IsLinux()) return Read(CurrentDirectory, path, NoFollow);
        var info = new FileInfo(path);
        if (info.LinkTarget is not null) return new FileStat(FileKind.SymbolicLink, default, 1);
        if (info.Exists) return new FileStat(FileKind.Regular, default, 1) { Size = info.Length };
        return System.IO.Directory.Exists(path) ? new FileStat(FileKind.Directory, default, 1) : null;
    }

    /// <summary>Reads the metadata of an open file.</summary>
    public static FileStat? Of(SafeFileHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return OperatingSystem.IsLinux() ? Read((int)handle.DangerousGetHandle(), "", EmptyPath) : new FileStat(FileKind.Regular, default, 1);
    }

    private static FileStat? Read(int directory, string path, int flags)
    {
        Span<byte> answer = stackalloc byte[256];
        if (StatCall(directory, path, flags, BasicFields, answer) != 0) return null;
        var kind = (MemoryMarshal.Read<ushort>(answer[28..]) & TypeMask) switch
        {
            RegularType => FileKind.Regular,
            DirectoryType => FileKind.Directory,
            LinkType => FileKind.SymbolicLink,
            _ => FileKind.Special,
        };
        return new FileStat(
            kind,
            (MemoryMarshal.Read<uint>(answer[136..]), MemoryMarshal.Read<uint>(answer[140..]), MemoryMarshal.Read<ulong>(answer[32..])),
            MemoryMarshal.Read<uint>(answer[16..]))
        {
            User = MemoryMarshal.Read<uint>(answer[20..]),
            Group = MemoryMarshal.Read<uint>(answer[24..]),
            Mode = (UnixFileMode)(MemoryMarshal.Read<ushort>(answer[28..]) & ModeMask),
            Size = (long)MemoryMarshal.Read<ulong>(answer[40..]),
        };
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatCall(int directory, string path, int flags, uint mask, Span<byte> answer);
}
