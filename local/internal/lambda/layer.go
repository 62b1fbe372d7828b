package lambda

import "fmt"

// AddLayer adds the next version of a layer and returns its ARN. dir is the absolute path of the folder with its files.
func (s *Service) AddLayer(name, dir string) (arn string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.versions[name]++
	arn = fmt.Sprintf("arn:aws:lambda:%s:%s:layer:%s:%d", s.options.Region, s.options.Account, name, s.versions[name])
	s.layers[arn] = dir
	return arn
}
