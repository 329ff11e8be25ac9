using System.Globalization;
using System.Text;

namespace Engine.Layers;

/// <summary>Characters without their accents.</summary>
internal static class Accents
{
    /// <summary>What is left of a character's canonical decomposition without marks that take no room (Unicode's category Mn).</summary>
    public static IEnumerable<Rune> Without(Rune rune)
        => rune.ToString().Normalize(NormalizationForm.FormD).EnumerateRunes().Where(part => Rune.GetUnicodeCategory(part) != UnicodeCategory.NonSpacingMark);
}
