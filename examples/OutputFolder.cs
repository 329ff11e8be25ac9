using System.Globalization;

namespace Engine.Examples;

/// <summary>The folder that a run writes its log and pictures to.</summary>
internal static class OutputFolder
{
    /// <summary>Makes the folder that was given, or a new one below <c>runs</c>, called by the command and the time.</summary>
    public static string Make(string? given, string command)
    {
        string folder = given ?? Unused(Path.Combine("runs", $"{command}-{DateTime.Now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}"));
        Directory.CreateDirectory(folder);
        return folder;
    }

    private static string Unused(string folder)
    {
        string name = folder;
        for (int i = 2; Path.Exists(name); i++) name = $"{folder}-{i}";
        return name;
    }
}
