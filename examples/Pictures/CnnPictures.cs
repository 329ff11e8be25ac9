using Engine.Layers;

namespace Engine.Examples;

/// <summary>The pictures of a training.</summary>
internal static class CnnPictures
{
    /// <summary>Writes them to a folder that is there.</summary>
    /// <returns>Their files' names.</returns>
    public static IReadOnlyList<string> Write(string folder, Layer model, int[] predicted, ImageSource images)
    {
        ConfusionPicture.Save(Path.Combine(folder, "confusion.png"), predicted, images);
        FiltersPicture.Save(Path.Combine(folder, "filters.png"), model.NamedParameters().First().Value.Value);
        MistakesPicture.Save(Path.Combine(folder, "mistakes.png"), predicted, images);
        return ["confusion.png", "filters.png", "mistakes.png"];
    }
}
