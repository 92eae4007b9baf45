namespace MailServer.Storage.SafeFiles;

/// <summary>A name that should be a file is a link, a directory, a FIFO, a socket or a device, or leads out of the folder it is read in.</summary>
public sealed class NotRegularFileException : IOException
{
    public NotRegularFileException() { }

    public NotRegularFileException(string path) : base($"{path} is not a regular file: it is not read") { }

    public NotRegularFileException(string message, Exception innerException) : base(message, innerException) { }
}
