using System.Data.Common;
using System.Globalization;

namespace MailServer.Storage.Directory;

/// <summary>Extension methods that run one SQL statement on a connection of either database.</summary>
internal static class DbConnectionExtensions
{
    public static int Execute(this DbConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = connection.With(sql, parameters);
        return command.ExecuteNonQuery();
    }

    /// <summary>Returns the first column of the first row; 0 if there is none.</summary>
    public static long ReadScalar(this DbConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = connection.With(sql, parameters);
        return command.ExecuteScalar() is { } value and not DBNull ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : 0;
    }

    public static List<T> ReadAll<T>(this DbConnection connection, string sql, Func<DbDataReader, T> row, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var rows = new List<T>();
        connection.ReadEach(sql, found => rows.Add(row(found)), parameters);
        return rows;
    }

    public static void ReadEach(this DbConnection connection, string sql, Action<DbDataReader> row, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = connection.With(sql, parameters);
        using var reader = command.ExecuteReader();
        while (reader.Read()) row(reader);
    }

    private static DbCommand With(this DbConnection connection, string sql, ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
