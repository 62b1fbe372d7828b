package lambda

import (
	"fmt"

	"snaplake/local/internal/wire"
)

// AddLayer adds the next version of a layer and returns its ARN. dir is the absolute path of the folder with its files.
func (s *Service) AddLayer(name, dir string) (arn string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.versions[name]++
	arn = fmt.Sprintf("arn:aws:lambda:%s:%s:layer:%s:%d", s.options.Region, s.options.Account, name, s.versions[name])
	s.layers[arn] = dir
	return arn
}

// checkLayers returns an error if a function cannot use the given layers. The caller must hold the lock.
func (s *Service) checkLayers(arns []string) error {
	if len(arns) > 1 {
		return wire.Errorf("InvalidParameterValueException", "the local Lambda supports one layer per function, not %d", len(arns))
	}
	for _, arn := range arns {
		if _, ok := s.layers[arn]; !ok {
			return wire.Errorf("InvalidParameterValueException", "Layer version %s does not exist.", arn)
		}
	}
	return nil
}
